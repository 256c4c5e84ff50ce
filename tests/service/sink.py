"""Destinations for tests: record what they get, and answer, sleep or die as they are told."""

import http.server
import json
import socket
import threading


class Sink:
    """`answer(call) -> (status, headers)`, on the sink's own threads; a call is a dict of headers and body. None hangs up."""

    def __init__(self, answer=lambda call: (204, {})):
        self.calls = []
        self.answer = answer
        self.changed = threading.Condition()
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                body = self.rfile.read(length)
                if not body and length > 0:  # hung up before the first byte of content: nothing was told
                    self.close_connection = True
                    return
                call = {"headers": {k.lower(): v for k, v in self.headers.items()}, "body": body, "path": self.path}
                with sink.changed:
                    sink.calls.append(call)
                    sink.changed.notify_all()
                answered = sink.answer(call)
                if answered is None:
                    self.close_connection = True
                    return
                status, headers = answered
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # the house was killed in the middle of a request

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def said(self):
        with self.changed:
            return [json.loads(call["body"]) for call in self.calls]

    def keys(self):
        return [said["data"]["effect"] for said in self.said()]

    def wait(self, count, timeout=30):
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.calls) >= count, timeout):
                raise AssertionError(f"the sink has {len(self.calls)} calls and waits for {count}")

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Mute:
    """Takes connections and never says a word; keeps what it was told."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.heard = []
        self.open = []
        self.connected = threading.Event()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            self.open.append(peer)
            self.connected.set()
            threading.Thread(target=self.listen, args=(peer,), daemon=True).start()

    def listen(self, peer):
        try:
            while data := peer.recv(65536):
                self.heard.append(data)
        except OSError:
            pass

    def close(self):
        self.socket.close()
        for peer in self.open:
            peer.close()


class Raw:
    """A destination that does as `play(connection)` says, with the socket of each connection that comes."""

    def __init__(self, play):
        self.play = play
        self.served = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return  # closed
            self.served += 1
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        with connection:
            try:
                self.play(connection)
            except OSError:
                pass  # the house hung up

    @staticmethod
    def read(connection):
        """The request, whole."""
        got = b""
        while b"\r\n\r\n" not in got:
            got += connection.recv(65536) or b"\r\n\r\n"
        head, _, body = got.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    more = connection.recv(65536)
                    if not more:
                        break
                    body += more
        return got

    @staticmethod
    def wait(connection):
        """Until the other side leaves."""
        while connection.recv(65536):
            pass

    def close(self):
        self.listener.close()


def destination(name, url, **more):
    lines = ["[[destination]]", f'name = "{name}"', f'url = "{url}"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in more.items()]
    return "\n".join(lines) + "\n"


def action(name, to, **more):
    all_of_it = {"when": "enters", "segment": "active", "purpose": "market", **more}
    lines = ["[[action]]", f'name = "{name}"', f'destination = "{to}"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in all_of_it.items()]
    return "\n".join(lines) + "\n"
