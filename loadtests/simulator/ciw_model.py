"""M/M/n in Ciw, as its documentation writes it: python ciw_model.py AGENTS CALLS_PER_SECOND TALK_SECONDS CALLS SEED"""
import json, resource, sys, time
import ciw

agents, rate, talk = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
calls, seed = int(sys.argv[4]), int(sys.argv[5])
network = ciw.create_network(
    arrival_distributions=[ciw.dists.Exponential(rate=rate)],
    service_distributions=[ciw.dists.Exponential(rate=1 / talk)],
    number_of_servers=[agents],
)
ciw.seed(seed)
begun, begun_cpu = time.perf_counter(), time.process_time()
simulation = ciw.Simulation(network)
simulation.simulate_until_max_customers(calls, method="Finish")
took, took_cpu = time.perf_counter() - begun, time.process_time() - begun_cpu
waits = [record.waiting_time for record in simulation.get_all_records()]
print(json.dumps({
    "calls": len(waits), "mean_wait_s": sum(waits) / len(waits), "took_s": took, "cpu_s": took_cpu,
    "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
}))
