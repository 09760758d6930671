#!/usr/bin/python3
"""A few calls of the Kubernetes container runtime interface, as a kubelet makes them.

usage: cri.py SOCKET ready
       cri.py SOCKET run NAMESPACE POD CONTAINER IMAGE LOGDIR [CMD...]   prints "SANDBOX-ID CONTAINER-ID"
       cri.py SOCKET info|sandbox-info|stop|rm ID                        rm: of a sandbox

Messages are written and read field by field; the numbers are those of the public interface runtime.v1.
"""
import json
import sys
import uuid

import grpc

CONTAINER = 1  # each container has a PID namespace of its own, as is usual
NODE = 2  # the network of the node: no network plug-in needed


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def message(fields):
    """Encode {field number: value}; a value is an int, a str, a dict (message) or a list of these."""
    out = b""
    for number, value in fields.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, int):
                out += varint(number << 3) + varint(item)
                continue
            data = message(item) if isinstance(item, dict) else item.encode()
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at


def fields(data):
    """Yield (field number, value) of an encoded message; no fixed-size fields occur here."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        value, at = read_varint(data, at)
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        yield key >> 3, value


def string_map(pairs):
    return [{1: key, 2: value} for key, value in pairs.items()]


class Runtime:
    def __init__(self, socket):
        self.channel = grpc.insecure_channel("unix://" + socket)

    def call(self, method, request):
        method = self.channel.unary_unary("/runtime.v1.RuntimeService/" + method)
        return list(fields(method(message(request), timeout=30)))

    def new_id(self, method, request):
        return dict(self.call(method, request))[1].decode()

    def run(self, namespace, pod, container, image, logs, *command):
        labels = string_map({"app": pod, "io.kubernetes.pod.name": pod, "io.kubernetes.pod.namespace": namespace})
        options = {1: NODE, 2: CONTAINER}
        uid = str(uuid.uuid4())
        sandbox = {
            1: {1: pod, 2: uid, 3: namespace, 4: 0},
            3: logs,
            6: labels,
            8: {1: "/kubepods/besteffort/pod" + uid, 2: {1: options}},
        }
        sandbox_id = self.new_id("RunPodSandbox", {1: sandbox})
        config = {
            1: {1: container, 2: 0},
            2: {1: image},
            3: list(command),
            9: labels,
            11: container + ".log",
            15: {2: {3: options}},
        }
        container_id = self.new_id("CreateContainer", {1: sandbox_id, 2: config, 3: sandbox})
        self.call("StartContainer", {1: container_id})
        print(sandbox_id, container_id)

    def verbose(self, method, target):
        """The engine's own JSON about a target: the entry "info" of the map in field 2 of a status."""
        for number, value in self.call(method, {1: target, 2: 1}):
            entry = dict(fields(value)) if number == 2 else {}
            if entry.get(1) == b"info":
                print(json.dumps(json.loads(entry[2])))

    def info(self, target):
        self.verbose("ContainerStatus", target)

    def sandbox_info(self, target):
        self.verbose("PodSandboxStatus", target)

    def stop(self, target):
        self.call("StopContainer", {1: target, 2: 2})

    def rm(self, target):
        self.call("StopPodSandbox", {1: target})
        self.call("RemovePodSandbox", {1: target})

    def ready(self):
        self.call("Version", {})


def main():
    runtime = Runtime(sys.argv[1])
    try:
        getattr(runtime, sys.argv[2].replace("-", "_"))(*sys.argv[3:])
    except grpc.RpcError as error:
        sys.exit("cri.py: %s: %s" % (sys.argv[2], error.details()))


main()
