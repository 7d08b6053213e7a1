"""What every client needs: the protos, a connection that notices a dead server, and saying things until heard."""
import argparse, asyncio, pathlib, random, sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[3] / "proto"))  # the folder with homeshore/v1/*.proto
import grpc

types = grpc.protos("homeshore/v1/types.proto")
# Asking again is of no use. After any other error it is right: the same request again changes nothing twice.
FINAL = [getattr(grpc.StatusCode, code) for code in (
    "INVALID_ARGUMENT", "NOT_FOUND", "ALREADY_EXISTS", "FAILED_PRECONDITION", "ABORTED", "UNIMPLEMENTED",
    "PERMISSION_DENIED", "UNAUTHENTICATED")]
# Ask a silent server after 10 s, give it up 5 s later; look for a lost one every second, not every two minutes.
OPTIONS = [("grpc.keepalive_time_ms", 10_000), ("grpc.keepalive_timeout_ms", 5_000),
           ("grpc.http2.ping_timeout_ms", 5_000),  # without it grpcio gives up after a minute only
           ("grpc.initial_reconnect_backoff_ms", 200), ("grpc.max_reconnect_backoff_ms", 1_000)]
tasks = set()


def arguments(**more):
    flags = argparse.ArgumentParser()
    for flag, value in {"server": "127.0.0.1:50051", "pool": "default", **more}.items():
        flags.add_argument("--" + flag, default=value, type=type(value))
    return flags.parse_args()


def background(work):
    tasks.add(task := asyncio.ensure_future(work))
    task.add_done_callback(tasks.discard)
    return task


class Client:
    """One service, for one pool."""

    def __init__(self, args, service):
        self.api, services = grpc.protos_and_services(f"homeshore/v1/{service}.proto")
        name = service.title().replace("_", "")
        self.open, self.message = getattr(services, name + "Stub"), getattr(self.api, name + "ConnectRequest")
        self.args, self.pool, self.stub, self.unsaid = args, [("homeshore-pool", args.pool)], None, None

    def ask(self, method, request, **more):
        self.stub = self.stub or self.open(grpc.aio.insecure_channel(self.args.server, OPTIONS))
        return getattr(self.stub, method)(request, metadata=self.pool, **more)

    async def tell(self, method, request, timeout=2):
        """Says it until the server has heard it; answers None if it does not know the call, False if it refused."""
        while True:
            try:
                return await self.ask(method, request, timeout=timeout)
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.NOT_FOUND:
                    return None
                if error.code() in FINAL:
                    print("refused:", error.details())
                    return False
            await asyncio.sleep(random.uniform(0.2, 0.8))

    async def hand_over(self, request, deadline):
        """Hands a call over and answers it. An error, a no, or no answer in time: none, and why; its caller must not wait."""
        try:
            answer = await self.ask("RouteCall", request, timeout=deadline)
        except grpc.RpcError as error:  # it may have been taken all the same
            background(self.tell("CancelCall", self.api.CancelCallRequest(call_id=request.call_id)))
            return None, error.code().name
        if answer.HasField("diverted"):
            return None, types.DivertReason.Name(answer.diverted.reason)
        return answer.call, None

    def report(self, call_id, offer_id, what):
        report = self.api.CallReport.Value("CALL_REPORT_" + what)
        return self.tell("ReportCall", self.api.ReportCallRequest(call_id=call_id, offer_id=offer_id, report=report))

    def say(self, **what):
        self.unsaid.put_nowait(self.message(**what))

    async def stream(self, hello):
        """What the server says on a two-way stream, which is opened again whenever it ends."""

        async def mouth(unsaid):
            yield self.message(hello=hello)
            while True:
                try:
                    yield await asyncio.wait_for(unsaid.get(), 2)
                except asyncio.TimeoutError:
                    yield self.message(heartbeat={})

        while True:
            self.unsaid = asyncio.Queue()  # what was not said on the stream before is void
            try:
                async for message in self.ask("Connect", mouth(self.unsaid)):
                    kind = message.WhichOneof("message")
                    yield kind, getattr(message, kind)
                    if kind == "going_away":
                        break
            except grpc.RpcError as error:
                if error.code() in FINAL:
                    yield "refused", error
                print("connection lost:", error.code().name)
            await asyncio.sleep(random.uniform(0.2, 0.8))

    async def calls(self, hello, held, hear):
        """A platform's stream: hears each call as it is after each change, and all of them after a break."""
        async for kind, said in self.stream(hello):
            if kind == "welcome":  # not before: a call may be accepted while the hello is on its way
                self.say(declare={"call_ids": held, "complete": True})
                print("connected,", len(held), "calls declared")
                missing = set(held)
            elif kind == "refused":  # by a server that may have been restored: no more knows this pool
                if said.code() != grpc.StatusCode.NOT_FOUND:
                    sys.exit(said.details())
                for call_id in list(held):
                    hear(types.Call(id=call_id))
            elif kind == "event":
                hear(said.call)
                hello.last_event_number = said.number  # worked off: the next stream goes on after it
            elif kind == "snapshot":
                for call in said.calls:
                    missing.discard(call.id)
                    hear(call)
                hello.last_event_number = said.event_number
                for call_id in missing if said.complete else []:  # over meanwhile, never taken, or newer than this
                    found = await self.tell("GetCall", self.api.GetCallRequest(call_id=call_id))
                    if found is None or found and found.call.state == types.CALL_STATE_ENDED:
                        hear(found.call if found else types.Call(id=call_id))
