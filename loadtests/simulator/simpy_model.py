"""M/M/n in SimPy, a process for each call: python simpy_model.py AGENTS CALLS_PER_SECOND TALK_SECONDS CALLS SEED"""
import json, random, resource, sys, time
import simpy

agents, rate, talk = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
calls, seed = int(sys.argv[4]), int(sys.argv[5])
waits = []


def call(env, crew):
    arrived = env.now
    with crew.request() as turn:
        yield turn
        waits.append(env.now - arrived)
        yield env.timeout(random.expovariate(1 / talk))


def callers(env, crew):
    for _ in range(calls):
        yield env.timeout(random.expovariate(rate))
        env.process(call(env, crew))


random.seed(seed)
begun, begun_cpu = time.perf_counter(), time.process_time()
env = simpy.Environment()
env.process(callers(env, simpy.Resource(env, capacity=agents)))
env.run()
took, took_cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
print(json.dumps({
    "calls": len(waits), "mean_wait_s": sum(waits) / len(waits), "took_s": took, "cpu_s": took_cpu,
    "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
}))
