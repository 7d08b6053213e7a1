// What every client needs: the protos, a connection that notices a dead server, and saying things until heard.
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const { parseArgs } = require('node:util');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const protos = path.join(__dirname, '../../../proto'); // the folder with homeshore/v1/*.proto
// Numbers of 64 bits stay texts: a JavaScript number would lose their last digits.
const shapes = { includeDirs: [protos], keepCase: true, longs: String, enums: String, defaults: true, oneofs: true };
// Asking again is of no use. After any other error it is right: the same request again changes nothing twice.
const FINAL = ['INVALID_ARGUMENT', 'NOT_FOUND', 'ALREADY_EXISTS', 'FAILED_PRECONDITION', 'ABORTED', 'UNIMPLEMENTED',
  'PERMISSION_DENIED', 'UNAUTHENTICATED'].map((code) => grpc.status[code]);
// Ask a silent server after 10 s, give it up 5 s later; look for a lost one every second, not every two minutes.
const OPTIONS = { 'grpc.keepalive_time_ms': 10_000, 'grpc.keepalive_timeout_ms': 5_000,
  'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1_000 };
const pause = () => sleep(200 + Math.random() * 600);

function flags(more) {
  const all = Object.entries({ server: '127.0.0.1:50051', pool: 'default', ...more });
  const options = all.map(([flag, value]) => [flag, { type: 'string', default: value }]);
  return parseArgs({ options: Object.fromEntries(options) }).values;
}

class Client {
  constructor(args, service) {
    const { v1 } = grpc.loadPackageDefinition(loader.loadSync(`homeshore/v1/${service}.proto`, shapes)).homeshore;
    const Service = Object.values(v1).find((each) => each.service);
    this.stub = new Service(args.server, grpc.credentials.createInsecure(), OPTIONS);
    this.metadata = new grpc.Metadata();
    this.metadata.set('homeshore-pool', args.pool);
  }

  ask(method, request, ms) {
    return new Promise((answered, refused) => {
      const options = { deadline: Date.now() + ms };
      const done = (error, answer) => (error ? refused(error) : answered(answer));
      this.stub[method](request, this.metadata, options, done);
    });
  }

  // Says it until the server has heard it; undefined if it does not know the call, false if it refused.
  async tell(method, request) {
    for (;; await pause()) {
      try {
        return await this.ask(method, request, 2_000);
      } catch (error) {
        if (error.code === grpc.status.NOT_FOUND) return undefined;
        if (FINAL.includes(error.code)) return Boolean(console.log('refused:', error.details));
      }
    }
  }

  // Hands a call over and answers it. An error, a no, or no answer in time: why not; its caller must not wait.
  async handOver(request, ms) {
    try {
      const { call, diverted } = await this.ask('RouteCall', request, ms);
      return { call, whyNot: diverted?.reason };
    } catch (error) {
      this.tell('CancelCall', { call_id: request.call_id }); // it may have been taken all the same
      return { whyNot: error.message };
    }
  }

  report(call_id, offer_id, what) {
    return this.tell('ReportCall', { call_id, offer_id, report: `CALL_REPORT_${what}` });
  }

  // What the server says on a two-way stream, which is opened again whenever it ends; `say` speaks on the present one.
  async *stream(hello) {
    for (;; await pause()) {
      const stream = this.stub.Connect(this.metadata);
      this.say = (message) => stream.write(message);
      this.say({ hello });
      const beat = setInterval(() => stream.write({ heartbeat: {} }), 2_000);
      try {
        for await (const said of stream) {
          yield [said.message, said[said.message]];
          if (said.message === 'going_away') break;
        }
      } catch (error) {
        if (FINAL.includes(error.code)) yield ['refused', error];
        console.log('connection lost:', grpc.status[error.code]);
      } finally {
        clearInterval(beat);
      }
    }
  }

  // A platform's stream: hears each call as it is after each change, and all of them after a break.
  async calls(hello, held, hear) {
    let missing;
    for await (const [kind, said] of this.stream(hello)) {
      if (kind === 'welcome') { // not before: a call may be accepted while the hello is on its way
        this.say({ declare: { call_ids: [...held.keys()], complete: true } });
        console.log('connected,', held.size, 'calls declared');
        missing = new Set(held.keys());
      } else if (kind === 'refused') { // by a server that may have been restored: no more knows this pool
        if (said.code !== grpc.status.NOT_FOUND) throw said;
        for (const id of [...held.keys()]) hear({ id });
      } else if (kind === 'event') {
        hear(said.call);
        hello.last_event_number = said.number; // worked off: the next stream goes on after it
      } else if (kind === 'snapshot') {
        for (const call of said.calls) {
          missing.delete(call.id);
          hear(call);
        }
        hello.last_event_number = said.event_number;
        for (const call_id of said.complete ? missing : []) { // over meanwhile, never taken, or newer than this
          const found = await this.tell('GetCall', { call_id });
          if (found === undefined || found?.call?.state === 'CALL_STATE_ENDED') hear(found?.call ?? { id: call_id });
        }
      }
    }
  }
}

module.exports = { Client, flags, sleep };
