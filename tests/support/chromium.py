"""A headless Chromium that tests drive through its DevTools protocol, over a pipe: no port and no other package."""

import base64
import fcntl
import itertools
import json
import os
import shutil
import signal
from pathlib import Path

COMMAND = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--remote-debugging-pipe",
    "--hide-scrollbars",
)
_KEYS = {"Enter": 13, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9}


class Browser:
    """One page of one Chromium; `with Browser(folder) as browser:` ends it."""

    def __init__(self, folder):
        assert COMMAND is not None, "chromium is not installed"
        to_browser, commands = os.pipe()
        replies, from_browser = os.pipe()
        # Chromium reads commands from descriptor 3, writes replies to 4. Spawned, not forked: TensorFlow has threads.
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, from_browser)]
        silent = [(os.POSIX_SPAWN_OPEN, end, os.devnull, os.O_WRONLY, 0) for end in (1, 2)]
        pipes = [(os.POSIX_SPAWN_DUP2, end, place) for end, place in zip(theirs, (3, 4), strict=True)]
        line = [COMMAND, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        self._process = os.posix_spawn(COMMAND, line, os.environ, file_actions=[*silent, *pipes])
        for end in (to_browser, from_browser, *theirs):
            os.close(end)
        self._commands, self._replies = os.fdopen(commands, "wb", buffering=0), os.fdopen(replies, "rb", buffering=0)
        self._numbers, self._rest, self.events, self._session = itertools.count(1), b"", [], None

    def __enter__(self):
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")
        return self

    def __exit__(self, *_):
        os.kill(self._process, signal.SIGTERM)
        os.waitpid(self._process, 0)
        self._commands.close()
        self._replies.close()

    def send(self, method, **params):
        """The result of a command."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        message |= {"sessionId": self._session} if self._session else {}
        self._commands.write(json.dumps(message).encode() + b"\0")
        while (reply := self._read()).get("id") != number:
            self.events.append(reply)
        assert "error" not in reply, reply
        return reply["result"]

    def _read(self):
        while b"\0" not in self._rest:
            part = self._replies.read(2**16)
            assert part, "chromium has ended"
            self._rest += part
        reply, _, self._rest = self._rest.partition(b"\0")
        return json.loads(reply)

    def open(self, path, width=1280, *, dark=False, media=""):
        """Shows a file."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.events.clear()
        self.send("Page.navigate", url=Path(path).as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def run(self, expression):
        """The value of JavaScript."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def click(self, selector):
        """A click of the mouse in the middle of an element."""
        box = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'});"
            " const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def press(self, key, times=1):
        """Presses a key."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp") * times:
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=_KEYS[key], **text)

    def write(self, text):
        """Types text where the focus is."""
        self.send("Input.insertText", text=text)

    def picture(self, path):
        """Writes a picture of the whole page."""
        content = self.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        Path(path).write_bytes(base64.b64decode(content))

    def print_to(self, path):
        """Prints the page as PDF."""
        Path(path).write_bytes(base64.b64decode(self.send("Page.printToPDF", printBackground=True)["data"]))
