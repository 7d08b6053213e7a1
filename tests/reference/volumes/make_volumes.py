#!/usr/bin/env python3
"""Makes up `made_up_calls_per_30min.csv.gz`: half a year of two queues, by rules that share no code with homeshore.

A weekday's shape, a day's level (gamma), an interval's own luck (gamma) and chance (Poisson). `support` is open 8:00 to 20:00
on weekdays and Saturdays; `billing` is small. On 5 May 2026 calls to support double from 14:00 to 16:00; 14 May is a holiday like
a Sunday; on 20 May the counts of the morning are lost, and rows of 21 May are missing.
"""
import datetime, gzip, math, pathlib, random

random.seed(20260105)
OUT = pathlib.Path(__file__).with_name("made_up_calls_per_30min.csv.gz")
LEVEL = [1.35, 1.0, 0.95, 0.97, 1.0, 0.6, 0.0]


def shape(slot):
    hour = slot / 2
    if not 8 <= hour < 20:
        return 0
    return 150 * math.exp(-((hour - 10.5) ** 2) / 8) + 130 * math.exp(-((hour - 15.5) ** 2) / 7)


def luck(spread):
    return random.gammavariate(1 / spread**2, spread**2)


def poisson(mean):
    return max(0, round(random.gauss(mean, mean**0.5))) if mean > 50 else sum(1 for _ in arrivals(mean))


def arrivals(mean):
    at = random.expovariate(1)
    while at < mean:
        yield at
        at += random.expovariate(1)


with gzip.GzipFile(OUT, "wb", mtime=0) as packed:
    packed.write(b"interval_start,support,billing\n")
    day = datetime.date(2026, 1, 5)
    while day < datetime.date(2026, 7, 6):
        level, small = LEVEL[day.weekday()] * luck(0.08), LEVEL[day.weekday()] * luck(0.15)
        if day == datetime.date(2026, 5, 14):
            level = 0.3
        for slot in range(48):
            rise = 2 if day == datetime.date(2026, 5, 5) and 28 <= slot < 32 else 1
            support = str(poisson(shape(slot) * level * luck(0.08) * rise))
            billing = str(poisson(shape(slot) * 0.05 * small * luck(0.1)))
            if day == datetime.date(2026, 5, 20) and slot < 24:
                support = ""
            if day != datetime.date(2026, 5, 21) or slot < 30:
                packed.write(f"{day} {slot // 2:02}:{slot % 2 * 30:02},{support},{billing}\n".encode())
        day += datetime.timedelta(days=1)
