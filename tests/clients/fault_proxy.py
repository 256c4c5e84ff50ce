"""A proxy between a client and the real server that fails as a network does, by a list of faults, one a request."""

import enum
import http.client
import socket
import socketserver
import struct
import threading


class Fault(enum.Enum):
    RATE_LIMIT = "a 429 with Retry-After: 1, nothing forwarded"
    UNAVAILABLE = "a 503, nothing forwarded"
    CUT_REQUEST = "half of the request forwarded, then both connections reset"
    BROKEN = "a 500, nothing forwarded"
    CUT_ANSWER = "all forwarded and acknowledged by the server, then the client's connection reset"


class FaultProxy(socketserver.ThreadingTCPServer):
    """Use as a context. `faults` may hold None: one request goes through. `seen`: (fault or None, request body, server's status or None) in order of arrival."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, server_port, faults):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.server_port, self.faults, self.seen = server_port, list(faults), []
        self.lock = threading.Lock()
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *reason):
        self.shutdown()
        super().__exit__(*reason)

    def note(self, body):
        """The number of this request, and its fault."""
        with self.lock:
            fault = self.faults.pop(0) if self.faults else None
            self.seen.append([fault, body, None])
            return len(self.seen) - 1, fault


class Exchange(socketserver.StreamRequestHandler):
    def handle(self):
        while self.one_request():
            pass

    def one_request(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(65536)
            if not line:
                return False
            head += line
        length = next(int(l.split(b":")[1]) for l in head.lower().split(b"\r\n") if l.startswith(b"content-length:"))
        body = self.rfile.read(length)
        number, fault = self.server.note(body)
        if fault is Fault.RATE_LIMIT:
            return self.reply(429, b"slow down", b"Retry-After: 1\r\n")
        if fault is Fault.UNAVAILABLE:
            return self.reply(503, b"not now")
        if fault is Fault.BROKEN:
            return self.reply(500, b"it broke")
        with socket.create_connection(("127.0.0.1", self.server.server_port), 10) as upstream:
            if fault is Fault.CUT_REQUEST:
                upstream.sendall(head + body[: length // 2])
                reset(upstream)
                return self.cut()
            upstream.sendall(head + body)
            answer = http.client.HTTPResponse(upstream)
            answer.begin()
            text = answer.read()
        self.server.seen[number][2] = answer.status
        if fault is Fault.CUT_ANSWER:
            return self.cut()
        extra = "".join(f"{k}: {v}\r\n" for k, v in answer.getheaders() if k.lower() in ("content-type", "retry-after"))
        return self.reply(answer.status, text, extra.encode())

    def reply(self, status, body, headers=b""):
        self.wfile.write(b"HTTP/1.1 %d Answer\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), headers, body))
        return True

    def cut(self):
        reset(self.connection)
        return False


def reset(connection):
    """Ends it with a reset, as a broken line does: no orderly close."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
