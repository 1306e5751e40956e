"""Runs a command and says what it and its children used of the machine.

usage: measured.py COMMAND...

Prints one line of JSON: the last line that the command printed, the seconds of a core (user and system, of everything
that the command started and waited for, its own start included), and the most memory that one process held.
"""

import json
import os
import subprocess
import sys


def run(command):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    printed = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed with status {os.waitstatus_to_exitcode(status)}")
    return {
        "answer": json.loads(printed.strip().splitlines()[-1]),
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "memory_bytes": usage.ru_maxrss * 1024,
    }


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1:])))
