"""logind as far as a node asks it, on the bus of DBUS_SYSTEM_BUS_ADDRESS. Python, since Node.js cannot send file descriptors.

Lines of its input: "down" and "up" send PrepareForShutdown; "going" makes PreparingForShutdown true. Lines of its output:
"ready", and "locked" and "released" for each inhibitor lock.
"""
import os, re, select, socket, struct, sys

SIGNATURE_OF_FIELD = {1: "o", 2: "s", 3: "s", 5: "u", 6: "s", 8: "g", 9: "u"}
LOGIND = "org.freedesktop.login1"


def pad(data, to):
    return data + b"\0" * (-len(data) % to)


def text(value):
    return struct.pack("<I", len(value)) + value.encode() + b"\0"


def signature(value):
    return bytes([len(value)]) + value.encode() + b"\0"


def message(kind, serial, fields, body=b""):
    array = b""
    for code, value in fields.items():
        kind_of = SIGNATURE_OF_FIELD[code]
        array = pad(array, 8) + bytes([code]) + signature(kind_of)
        if kind_of == "u":
            array = pad(array, 4) + struct.pack("<I", value)
        else:
            array = (array if kind_of == "g" else pad(array, 4)) + (signature(value) if kind_of == "g" else text(value))
    return pad(struct.pack("<BBBBIII", ord("l"), kind, 0, 1, len(body), serial, len(array)) + array, 8) + body


def parse(data):
    """The fields and body of the first whole message, and what follows it."""
    if len(data) < 16:
        return None
    length, serial, fields_length = struct.unpack_from("<III", data, 4)
    start = 16 + fields_length + (-fields_length % 8)
    if len(data) < start + length:
        return None
    fields, at = {}, 16
    while at < 16 + fields_length:
        at += -at % 8
        code, kind_of = data[at], chr(data[at + 2])
        at += 4
        if kind_of == "g":
            size = data[at]
            fields[code], at = data[at + 1 : at + 1 + size].decode(), at + size + 2
        else:
            at += -at % 4
            (value,) = struct.unpack_from("<I", data, at)
            at += 4
            if kind_of != "u":
                value, at = data[at : at + value].decode(), at + value + 1
            fields[code] = value
    return data[1], serial, fields, data[start : start + length], data[start + length :]


def say(line):
    print(line, flush=True)


bus = socket.socket(socket.AF_UNIX)
bus.connect(re.search(r"path=([^,]+)", os.environ["DBUS_SYSTEM_BUS_ADDRESS"]).group(1))
bus.sendall(b"\0AUTH EXTERNAL " + str(os.getuid()).encode().hex().encode() + b"\r\n")
bus.recv(4096)
bus.sendall(b"NEGOTIATE_UNIX_FD\r\n")
bus.recv(4096)
bus.sendall(b"BEGIN\r\n")
DBUS = {1: "/org/freedesktop/DBus", 6: "org.freedesktop.DBus", 2: "org.freedesktop.DBus"}
bus.sendall(message(1, 1, {**DBUS, 3: "Hello"}))
bus.sendall(message(1, 2, {**DBUS, 3: "RequestName", 8: "su"}, pad(text(LOGIND), 4) + struct.pack("<I", 4)))

serial, received, commands, locks, going = 2, b"", b"", [], False


def send(kind, fields, body=b"", descriptors=()):
    global serial
    serial += 1
    data = message(kind, serial, fields, body)
    if descriptors:
        socket.send_fds(bus, [data], list(descriptors))
    else:
        bus.sendall(data)


def answer(call, fields, body):
    reply = {5: call, 6: fields[7]}
    if fields.get(3) == "Get":
        if b"InhibitDelayMaxUSec" in body:
            send(2, {**reply, 8: "v"}, pad(signature("t"), 8) + struct.pack("<Q", 5_000_000))
        else:
            send(2, {**reply, 8: "v"}, pad(signature("b"), 4) + struct.pack("<I", going))
    elif fields.get(3) == "Inhibit":
        reading, writing = os.pipe()
        send(2, {**reply, 8: "h", 9: 1}, struct.pack("<I", 0), [writing])
        os.close(writing)
        locks.append(reading)
        say("locked")


while True:
    readable, _, _ = select.select([bus, sys.stdin, *locks], [], [])
    for lock in [each for each in locks if each in readable]:
        # Nobody writes into it: it is readable once its other end is closed.
        os.close(lock)
        locks.remove(lock)
        say("released")
    if bus in readable:
        received += bus.recv(65536)
        while parsed := parse(received):
            kind, call, fields, body, received = parsed
            if kind == 1:
                answer(call, fields, body)
            elif kind == 2 and fields.get(5) == 2:
                say("ready")
    if sys.stdin in readable:
        line = os.read(0, 4096)
        if not line:
            break
        commands += line
        *whole, commands = commands.split(b"\n")
        for command in whole:
            going = command in (b"down", b"going")
            if command != b"going":
                path = {1: "/org/freedesktop/login1", 2: LOGIND + ".Manager", 3: "PrepareForShutdown", 8: "b"}
                send(4, path, struct.pack("<I", going))
