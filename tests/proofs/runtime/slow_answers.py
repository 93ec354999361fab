"""Answers each task with what it says, after as many seconds as it says."""

import json
import sys
import time

if __name__ == "__main__":
    for line in sys.stdin:
        task = json.loads(line)
        time.sleep(task["seconds"])
        print(json.dumps(task["answer"]), flush=True)
