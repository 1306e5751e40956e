"""The three-feature job in plain Python: one process, exact look-back, a queue and a table a sender.

usage: python_job.py EVENTS
"""

import sys
from collections import deque

import orjson

LOOK_BACK_MS = 24 * 60 * 60 * 1000
MINOR_FROM = 0.5
FLAG_FROM = 20


class Sender:
    """What is remembered of one sender: its events of the last 24 hours, and per target how many."""

    __slots__ = ("flagged", "minors", "queue", "targets")

    def __init__(self):
        self.queue = deque()
        # target -> [events, events at which it was likely a minor]
        self.targets = {}
        # targets that were likely minors at one of these events at least
        self.minors = 0
        self.flagged = False

    def forget_before(self, cut):
        queue, targets = self.queue, self.targets
        while queue and queue[0][0] < cut:
            _, target, minor = queue.popleft()
            counts = targets[target]
            counts[0] -= 1
            if minor:
                counts[1] -= 1
                self.minors -= counts[1] == 0
            if counts[0] == 0:
                del targets[target]

    def add(self, ts, target, minor):
        self.queue.append((ts, target, minor))
        counts = self.targets.get(target)
        if counts is None:
            counts = self.targets[target] = [0, 0]
        counts[0] += 1
        if minor:
            self.minors += counts[1] == 0
            counts[1] += 1


def run(path):
    senders = {}
    events = count_sum = targets_sum = minors_sum = flag_events = 0
    loads = orjson.loads
    with open(path, "rb", buffering=1 << 20) as lines:
        for line in lines:
            event = loads(line)
            actor, target = event.get("actor"), event.get("target")
            if actor is None or target is None:
                continue
            sender = senders.get(actor)
            if sender is None:
                sender = senders[actor] = Sender()
            ts = event["ts"]
            context = event.get("target_ctx")
            minor = context is not None and context.get("p_minor", 0) >= MINOR_FROM
            sender.forget_before(ts - LOOK_BACK_MS)
            sender.add(ts, target, minor)
            events += 1
            count_sum += len(sender.queue)
            targets_sum += len(sender.targets)
            minors_sum += sender.minors
            if sender.minors >= FLAG_FROM:
                flag_events += 1
                sender.flagged = True
    return {
        "events": events,
        "count_sum": count_sum,
        "targets_sum": targets_sum,
        "minors_sum": minors_sum,
        "flag_events": flag_events,
        "flagged_senders": sum(sender.flagged for sender in senders.values()),
    }


if __name__ == "__main__":
    print(orjson.dumps(run(sys.argv[1])).decode())
