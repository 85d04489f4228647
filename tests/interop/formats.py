"""What Litopys takes from elsewhere, read strictly: canonical CBOR, Ed25519, ZIP, Zstandard, dates.

Numbers such as "(8)" are sections of docs/format.md, and codes such as E030 are its findings (10). Nothing here knows
what an archive is: that is verify.py.
"""
import os, re, stat, struct
import zstandard
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_INT, WINDOW_MAX, CHUNK = 2**53 - 1, 8 << 20, 1 << 20


class Bad(Exception):
    """A finding that ends the step that it is raised in; it carries the code."""


def must(condition, code):
    if not condition:
        raise Bad(code)

# -------- canonical CBOR (3)

def read_head(take, code):
    """Major type and argument of one item; `take(n)` gives its next bytes. Only shortest heads, definite lengths."""
    first = take(1)[0]
    major, info = first >> 5, first & 31
    must(info <= 27, code)
    if info < 24:
        return major, info
    value = int.from_bytes(take(1 << info - 24), "big")
    must(value >= (24 if info == 24 else 1 << (8 << info - 25)), code)
    return major, value

def bstr(data):
    """A byte string with its shortest head; here they are never longer than a statement."""
    n = len(data)
    return (bytes([0x40 + n]) if n < 24 else b"\x58%c" % n if n < 256 else b"\x59" + n.to_bytes(2, "big")) + data

class Cbor:
    """Decodes one item and refuses what (3) refuses. `header`: negative integers may occur and the keys of maps are
    integers. `outer`: a statement without its tag; the second item of its array may be an empty map."""
    def __init__(self, data, code, header=False, outer=False):
        self.data, self.code, self.header, self.outer = data, code, header, outer
        self.pos, self.containers = 0, 65544  # the largest manifest there can be has this many maps and arrays
    def take(self, count):
        must(count <= len(self.data) - self.pos, self.code)
        self.pos += count
        return self.data[self.pos - count:self.pos]
    def whole(self):
        value = self.item(0)
        must(self.pos == len(self.data), self.code)
        return value
    def item(self, depth, second=False):
        major, n = read_head(self.take, self.code)
        if major <= 1:
            must(n <= MAX_INT and (major == 0 or self.header), self.code)
            return n if major == 0 else -1 - n
        must(major <= 5, self.code)
        must(n > 0 or self.outer and major == 5 and second, self.code)
        if major <= 3:
            try:
                return self.take(n) if major == 2 else self.take(n).decode("utf-8")
            except UnicodeDecodeError:
                raise Bad(self.code) from None
        self.containers -= 1
        must(depth < 8 and self.containers >= 0 and n <= len(self.data), self.code)
        if major == 4:
            return [self.item(depth + 1, depth == 0 and nth == 1) for nth in range(n)]
        result, last = {}, b""
        for _ in range(n):
            start = self.pos
            key = self.item(8)
            encoded = self.data[start:self.pos]
            must(encoded > last and isinstance(key, int if self.header else str), self.code)
            result[key], last = self.item(depth + 1), encoded
        return result


# -------- Ed25519 (5)

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SMALL_ORDER = {bytes.fromhex(h) for h in (
    "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32, "00" * 31 + "80",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")}

def acceptable(point):
    """Rules 2 and 3: a canonical encoding of a point that is not of small order."""
    number = int.from_bytes(point, "little")
    y, sign = number % 2**255, number >> 255
    u, v = (y * y - 1) % P, (D * y * y + 1) % P  # x^2 = u / v
    is_square = pow(u * v, (P - 1) // 2, P) in (0, 1)
    return y < P and is_square and not (u == 0 and sign) and point not in SMALL_ORDER

def verifies(key, signature, message):
    if len(signature) != 64 or int.from_bytes(signature[32:], "little") >= L:
        return False
    if not (acceptable(key) and acceptable(signature[:32])):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


# -------- dates (6)

def days(year, month):
    """The days of a month; an unknown year counts as leap, an unknown month as 31 days long."""
    leap = not year.isdigit() or int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    return 31 if month == "XX" else (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[int(month) - 1]

def edtf(v, regex=r"(\d{4}|XXXX)(?:-(\d\d|XX)(?:-(\d\d|XX))?)?"
                  r"|(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?"):
    match = isinstance(v, str) and re.fullmatch(regex, v, re.ASCII)
    if not match:
        return False
    year, month, day = match.group(1, 2, 3) if match[1] else match.group(4, 5, 6)
    if match[4] and not (int(match[7]) < 24 and int(match[8]) < 60 and int(match[9]) < 60):
        return False
    if month is None or month != "XX" and not 1 <= int(month) <= 12:
        return month is None
    return day in (None, "XX") or 1 <= int(day) <= days(year, month)

def utc(v):
    return edtf(v) and len(v) == 20 and v[19] == "Z"


# -------- containers: a folder, a bundle (8)

class Part:
    """A stretch of a file: a member of a bundle, or a file of a folder, which is opened when it is read."""
    def __init__(self, file, start, size):
        self.file, self.start, self.size, self.pos = file, start, size, 0
    def at(self, offset, count):
        if isinstance(self.file, str):
            with open(self.file, "rb") as file:
                return Part(file, self.start, self.size).at(offset, count)
        self.file.seek(self.start + offset)
        data = self.file.read(count)
        if len(data) != count:
            raise OSError("the file changed while it was read")
        return data
    def read(self, count=-1):
        count = min(count if count >= 0 else self.size, self.size - self.pos)
        self.pos += count
        return self.at(self.pos - count, count)
    def chunks(self):
        return (self.at(i, min(CHUNK, self.size - i)) for i in range(0, self.size, CHUNK))

def read_folder(root):
    """Everything in a folder but a writer's lock: (name, Part), without a Part where it is no regular file."""
    def failed(error):
        raise error
    for folder, folders, names in os.walk(root, onerror=failed):
        for full in (os.path.join(folder, n) for n in sorted(names + folders)):
            name, info = os.path.relpath(full, root).replace(os.sep, "/"), os.lstat(full)
            if not stat.S_ISDIR(info.st_mode) and name != ".lock":
                yield name, Part(full, 0, info.st_size) if stat.S_ISREG(info.st_mode) else None

def local_header(name, crc, size):
    big = size >= 0xffffffff
    extra = struct.pack("<HHQQ", 1, 16, size, size) if big else b""
    field = 0xffffffff if big else size
    return struct.pack("<4s5H3I2H", b"PK\3\4", 45 if big else 20, 0, 0, 0, 0x21, crc, field, field,
                       len(name), len(extra)) + name + extra

def central_header(name, crc, size, offset):
    extra = struct.pack("<QQ", size, size) if size >= 0xffffffff else b""
    extra += struct.pack("<Q", offset) if offset >= 0xffffffff else b""
    need, extra = (45, struct.pack("<HH", 1, len(extra)) + extra) if extra else (20, b"")
    field, offset = min(size, 0xffffffff), min(offset, 0xffffffff)
    return struct.pack("<4s6H3I5H2I", b"PK\1\2", 0x032d if extra else 0x031e, need, 0, 0, 0, 0x21, crc, field, field,
                       len(name), len(extra), 0, 0, 0, 0x81a40000, offset) + name + extra

def end_records(count, size, offset):
    zip64 = count >= 0xffff or size >= 0xffffffff or offset >= 0xffffffff
    records = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 0x032d, 45, 0, 0, count, count, size, offset) + struct.pack(
        "<4sIQI", b"PK\6\7", 0, offset + size, 1) if zip64 else b""
    count, size, offset = (0xffff, 0xffffffff, 0xffffffff) if zip64 else (count, size, offset)
    return records + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, size, offset, 0)

def read_bundle(file):
    """The members, in order: [(name, crc, Part)]. E001 where a byte is not what (8) gives."""
    whole = Part(file, 0, os.fstat(file.fileno()).st_size)
    def at(offset, count):
        must(0 <= offset and offset + count <= whole.size, "E001")
        return whole.at(offset, count)
    count, size, offset = struct.unpack("<H2I", at(whole.size - 22, 22)[10:20])
    if count == 0xffff or size == 0xffffffff or offset == 0xffffffff:
        count, size, offset = struct.unpack("<3Q", at(whole.size - 98, 56)[32:56])
    end = end_records(count, size, offset) if max(count, size, offset) < 2**63 else b""
    must(end and offset + size + len(end) == whole.size and at(offset + size, len(end)) == end, "E001")
    must(size <= 256 << 20, "E001")
    members, names, local, central = [], set(), 0, offset
    for _ in range(count):
        fixed = at(central, 46)
        crc, length, _, name_length, extra_length = struct.unpack("<3I2H", fixed[16:32])
        name = at(central + 46, name_length)
        if length == 0xffffffff and extra_length >= 12:
            length, = struct.unpack("<Q", at(central + 46 + name_length + 4, 8))
        header, entry = local_header(name, crc, length), central_header(name, crc, length, local)
        must(at(local, len(header)) == header and at(central, len(entry)) == entry, "E001")
        data = local + len(header)
        must(data + length <= offset and name not in names, "E001")
        names.add(name)
        members.append((name.decode("ascii", "backslashreplace"), crc, Part(file, data, length)))
        local, central = data + length, central + len(entry)
    must(local == offset and central == offset + size, "E001")
    return members

# -------- Zstandard (7.3)

def frame_content_size(part):
    """Walks one frame from its magic to its checksum, without decoding: the content size that it declares, or E060."""
    def at(offset, count):
        must(offset + count <= part.size, "E060")
        return part.at(offset, count)
    magic, descriptor = at(0, 4), at(4, 1)[0]
    single, form = descriptor >> 5 & 1, descriptor >> 6
    must(magic == b"\x28\xb5\x2f\xfd" and descriptor & 0b11111 == 0b00100, "E060")  # a checksum, no dictionary id
    must(form or single, "E060")  # otherwise there is no content size
    pos, width = 5 if single else 6, 1 << form
    content = int.from_bytes(at(pos, width), "little") + (256 if width == 2 else 0)
    exponent, mantissa = (0, 0) if single else divmod(at(5, 1)[0], 8)
    window = content if single else (8 + mantissa) << 7 + exponent
    must(window <= WINDOW_MAX, "E060")
    pos, last = pos + width, 0
    while not last:
        head = int.from_bytes(at(pos, 3), "little")
        last, kind, size = head & 1, head >> 1 & 3, head >> 3
        must(kind != 3 and (kind != 2 or size >= 2) and size <= min(window, 128 << 10), "E060")  # RFC 8878, 3.1.1.2.4: Block_Maximum_Size
        pos += 3 + (1 if kind == 1 else size)  # kind 1 is one byte, repeated
    must(pos + 4 == part.size, "E060")
    return content

class Stream:
    """The content of a frame, decoded piece by piece, never more than is asked for."""
    def __init__(self, part):
        self.left = frame_content_size(part)
        self.decoder = zstandard.ZstdDecompressor().stream_reader(Part(part.file, part.start, part.size))
    def take(self, count, code="E061"):
        must(count <= self.left, code)
        data = bytearray()
        while len(data) < count:
            piece = self.decoder.read(min(CHUNK, count - len(data)))
            must(piece, "E060")
            data += piece
        self.left -= count
        return bytes(data)
    def chunks(self):
        while self.left:
            yield self.take(min(CHUNK, self.left))
        self.end()
    def end(self):
        """Nothing is left over; reading on makes the decoder compare content size and checksum."""
        must(self.left == 0, "E061")
        must(not self.decoder.read(1), "E060")
