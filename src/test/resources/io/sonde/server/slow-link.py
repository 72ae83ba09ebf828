"""Passes frames between two interfaces, later, at a limited rate, and not all of them.

    slow-link.py INTERFACE INTERFACE DELAY_SECONDS BITS_PER_SECOND LOST_FRACTION SEED

For kernels without netem. BITS_PER_SECOND 0 is no limit. Both directions are alike. What would wait
for the rate for longer than QUEUE_SECONDS is lost, as in a router whose buffer is full. Ends with its
standard input.
"""
import collections
import random
import select
import socket
import sys
import time

QUEUE_SECONDS = 0.5
ALL_PROTOCOLS = 3
SOL_PACKET = 263
# Frames come and go with what the kernel left undone in them: checksums, and pieces to be cut.
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
LARGEST_FRAME = 70_000

interfaces = sys.argv[1:3]
delay, rate, lost = map(float, sys.argv[3:6])
chance = random.Random(int(sys.argv[6]))


class Direction:
    def __init__(self, source, target):
        self.source = source
        self.target = target
        self.waiting = collections.deque()
        self.free_at = 0.0

    def take(self, now):
        frame = self.source.recv(LARGEST_FRAME)
        start = max(now, self.free_at)
        if start - now > QUEUE_SECONDS or chance.random() < lost:
            return
        self.free_at = start + (len(frame) * 8 / rate if rate else 0)
        self.waiting.append((self.free_at + delay, frame))

    def pass_on(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            try:
                self.target.send(self.waiting.popleft()[1])
            except OSError:
                pass  # The interface is down, or its buffer full: lost.

    def next_moment(self):
        return self.waiting[0][0] if self.waiting else float("inf")


def opened(interface):
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    link.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    link.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    link.bind((interface, ALL_PROTOCOLS))
    link.setblocking(False)
    return link


links = [opened(interface) for interface in interfaces]
directions = {links[0]: Direction(*links), links[1]: Direction(*reversed(links))}
print("passing", flush=True)
while True:
    wait = min(d.next_moment() for d in directions.values()) - time.monotonic()
    ready, _, _ = select.select(
        [sys.stdin, *links], [], [], None if wait == float("inf") else max(0, wait))
    if sys.stdin in ready:
        break
    now = time.monotonic()
    for link in ready:
        try:
            while True:
                directions[link].take(now)
        except OSError:
            pass  # Nothing more to read, or the interface is down.
    for direction in directions.values():
        direction.pass_on(time.monotonic())
