#!/usr/bin/env python3
"""Writes the labelled corpus of the pii filter: positives.jsonl and benign.log, beside this file.

    python3 tests/data/pii/generate.py

Deterministic: the same bytes each time. A positive is {"text", "entity", "values"}: each of the
values is personal data of that entity and must not be left in the text. A benign line holds none of
the default entities. All numbers are made up here; the valid ones are valid by their checksum only.
"""
import base64
import json
import pathlib
import random
import string
import uuid

R = random.Random(20261121)
HERE = pathlib.Path(__file__).parent
PER_TEMPLATE = 14


def digits(n):
    return "".join(R.choice(string.digits) for _ in range(n))


def chars(n, alphabet=string.ascii_letters + string.digits):
    text = "".join(R.choice(alphabet) for _ in range(n))
    return text if any(c.isdigit() for c in text) else text[:-1] + R.choice("23456789")


def hexes(n):
    return chars(n, "0123456789abcdef")


def luhn_check(body):
    total = 0
    for i, c in enumerate(reversed(body)):
        d = int(c)
        if i % 2 == 0:
            d = d * 2 - 9 if d > 4 else d * 2
        total += d
    return str(-total % 10)


FIRST = "anna ben carla david elena frank grace hugo ines jack kate liam maria noah olga".split()
LAST = "adams baker clark diaz evans fischer garcia hansen ivanov jones kim lopez meyer obrien".split()
DOMAINS = ("gmail.com example.org mail.example.co.uk corp.example.net proton.me acme.io uni-bonn.de "
           "sub.domain.example.museum 163.com x.dev").split()


def email():
    a, b = R.choice(FIRST), R.choice(LAST)
    local = R.choice([f"{a}.{b}", f"{a}_{b}{digits(2)}", f"{a}+tag{digits(1)}", a, f"{a[0]}{b}",
                      f"{a.capitalize()}.{b.capitalize()}", f"{a}-{b}", f"{a}.o'{b}", f"{digits(6)}{a}"])
    return f"{local}@{R.choice(DOMAINS)}"


def card():
    prefix, size = R.choice([("4", 16), ("51", 16), ("55", 16), ("2221", 16), ("2720", 16), ("34", 15),
                             ("37", 15), ("6011", 16), ("65", 16), ("644", 16), ("3530", 16),
                             ("3589", 16), ("36", 14), ("3056", 14), ("6212", 16), ("8171", 16)])
    body = prefix + digits(size - len(prefix) - 1)
    return body + luhn_check(body)


def grouped(number, gap):
    sizes = {16: (4, 4, 4, 4), 15: (4, 6, 5), 14: (4, 6, 4)}[len(number)]
    out, at = [], 0
    for size in sizes:
        out.append(number[at:at + size])
        at += size
    return gap.join(out)


def ssn_parts():
    area = R.choice([n for n in range(1, 900) if n != 666])
    return f"{area:03}", f"{R.randint(1, 99):02}", f"{R.randint(1, 9999):04}"


def itin_parts():
    group = R.choice([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
    return f"9{digits(2)}", f"{group:02}", digits(4)


def phone():
    d = digits
    npa, nxx = f"{R.randint(201, 989)}", f"{R.randint(200, 989)}"
    return R.choice([
        f"+1-{npa}-{nxx}-{d(4)}", f"+1 ({npa}) {nxx}-{d(4)}", f"+1{npa}{nxx}{d(4)}", f"({npa}) {nxx}-{d(4)}",
        f"{npa}-{nxx}-{d(4)}", f"1-{npa}-{nxx}-{d(4)}", f"+44 20 7{d(3)} {d(4)}", f"+447{d(9)}",
        f"+44 (0)20 7{d(3)} {d(4)}", f"+49 30 {d(8)}", f"+49 171 {d(7)}", f"+33 1 {d(2)} {d(2)} {d(2)} {d(2)}",
        f"+91 98{d(3)} {d(5)}", f"+81-3-{d(4)}-{d(4)}", f"+61 2 {d(4)} {d(4)}", f"+55 11 9{d(4)}-{d(4)}",
        f"+86 138 {d(4)} {d(4)}", f"+31 6 {d(8)}", f"+34 6{d(2)} {d(3)} {d(3)}", f"+7 495 {d(3)}-{d(2)}-{d(2)}",
        f"+353 1 {d(3)} {d(4)}", f"+971 50 {d(3)} {d(4)}"])


def national_phone():
    d = digits
    npa, nxx = f"{R.randint(201, 989)}", f"{R.randint(200, 989)}"
    return R.choice([f"{npa}.{nxx}.{d(4)}", f"{npa} {nxx} {d(4)}", f"{npa}{nxx}{d(4)}", f"020 7{d(3)} {d(4)}",
                     f"07{d(3)} {d(6)}", f"030 {d(8)}", f"06 {d(2)} {d(2)} {d(2)} {d(2)}", f"089/{d(7)}"])


IBANS = {"DE": (22, "n18"), "GB": (22, "a4n14"), "FR": (27, "n10x11n2"), "NL": (18, "a4n10"), "ES": (24, "n20"),
         "IT": (27, "a1n10x12"), "CH": (21, "n5x12"), "BE": (16, "n12"), "AT": (20, "n16"), "NO": (15, "n11"),
         "PL": (28, "n24"), "SE": (24, "n20"), "MT": (31, "a4n5x18"), "SA": (24, "n2x18"), "BR": (29, "n23a1x1")}


def iban():
    country = R.choice(list(IBANS))
    spec, out = IBANS[country][1], ""
    at = 0
    while at < len(spec):
        kind, at = spec[at], at + 1
        size = ""
        while at < len(spec) and spec[at].isdigit():
            size, at = size + spec[at], at + 1
        alphabet = {"n": string.digits, "a": string.ascii_uppercase, "x": string.ascii_uppercase + string.digits}[kind]
        out += "".join(R.choice(alphabet) for _ in range(int(size)))
    value = int("".join(str(int(c, 36)) for c in out + country + "00"))
    return f"{country}{98 - value % 97:02}{out}"


def in_fours(text, gap=" "):
    return gap.join(text[i:i + 4] for i in range(0, len(text), 4))


def mac():
    pairs = [hexes(2) for _ in range(6)]
    pairs[0], pairs[5] = "0" + R.choice("2468ace"), R.choice("abcdef") + hexes(1)
    style = R.randrange(4)
    if style == 0:
        return ":".join(pairs)
    if style == 1:
        return ":".join(pairs).upper()
    if style == 2:
        return "-".join(pairs)
    joined = "".join(pairs)
    return f"{joined[:4]}.{joined[4:8]}.{joined[8:]}"


def ipv4():
    return f"{R.randint(1, 223)}.{R.randint(0, 255)}.{R.randint(0, 255)}.{R.randint(1, 254)}"


def ip():
    h = lambda: f"{R.randint(0x10, 0xFFFF):x}"
    return R.choice([ipv4(), ipv4(), f"2001:db8:{h()}:{h()}:{h()}:{h()}:{h()}:{h()}", f"2a02:8108:{h()}::{h()}",
                     f"fe80::{h()}:{h()}:{h()}:{h()}", f"::ffff:{ipv4()}", f"2001:db8::{h()}", f"fe80::{h()}:{h()}%eth0"])


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt():
    header = R.choice([{"alg": "HS256", "typ": "JWT"}, {"typ": "JWT", "alg": "RS256"},
                       {"kid": hexes(8), "alg": "ES256"}, {"alg": "none"}])
    body = {"sub": digits(10), "name": R.choice(FIRST), "iat": 1700000000 + R.randrange(10**7)}
    return ".".join([b64url(json.dumps(header, separators=R.choice([(",", ":"), (", ", ": ")])).encode()),
                     b64url(json.dumps(body).encode()), b64url(R.randbytes(32))])


def password():
    return R.choice(["hunter2", chars(10), "S3cr3t!" + digits(3), "correct-horse-" + digits(2), "P@ssw0rd" + digits(2),
                     chars(16), "tr0ub4dor&"[:-1] + digits(1), "Winter2026!", "geheim" + digits(3)])


B36, AN = string.ascii_lowercase + string.digits, string.ascii_letters + string.digits
VENDORS = [lambda: "ghp_" + chars(36), lambda: "gho_" + chars(36), lambda: "ghs_" + chars(36),
           lambda: "github_pat_" + chars(22) + "_" + chars(59), lambda: "glpat-" + chars(20),
           lambda: f"xoxb-{digits(12)}-{digits(13)}-{chars(24)}", lambda: f"xoxp-{digits(11)}-{digits(11)}-{hexes(32)}",
           lambda: "sk_live_" + chars(24), lambda: "rk_live_" + chars(24), lambda: "sk_test_" + chars(24),
           lambda: "AIza" + chars(35), lambda: "GOCSPX-" + chars(28), lambda: "ya29." + chars(60),
           lambda: "SG." + chars(22) + "." + chars(43), lambda: "SK" + hexes(32), lambda: "npm_" + chars(36),
           lambda: "pypi-AgEIcHlwaS5vcmc" + chars(80), lambda: "sk-" + chars(48), lambda: "sk-proj-" + chars(60),
           lambda: "sk-ant-api03-" + chars(93) + "AA", lambda: "hf_" + chars(34), lambda: "dop_v1_" + hexes(64),
           lambda: "shpat_" + hexes(32), lambda: "key-" + hexes(32), lambda: "dapi" + hexes(32),
           lambda: "hvs." + chars(90), lambda: "glsa_" + chars(32) + "_" + hexes(8), lambda: "dckr_pat_" + chars(27),
           lambda: "lin_api_" + chars(40), lambda: "sq0atp-" + chars(22), lambda: "NRAK-" + chars(27, string.ascii_uppercase + string.digits),
           lambda: "whsec_" + chars(32), lambda: "xapp-1-A" + chars(10) + "-" + digits(13) + "-" + hexes(64)]
NAMED_KEYS = [lambda k: f"api_key={k}", lambda k: f"X-Api-Key: {k}", lambda k: f'"apiKey": "{k}"', lambda k: f"client_secret={k}&a=1",
              lambda k: f"AccountKey={k};EndpointSuffix=core", lambda k: f"SECRET_KEY='{k}'", lambda k: f"--api-key {k} run",
              lambda k: f"?subscription-key={k}"]


def aws_id():
    return R.choice(["AKIA", "ASIA"]) + chars(16, string.ascii_uppercase + "234567")


def aws_secret():
    text = chars(40, string.ascii_letters + string.digits + "/+")
    return "aZ4" + text[3:]


def pem():
    kind = R.choice(["RSA ", "EC ", "", "OPENSSH ", "ENCRYPTED "])
    end = R.choice(["\n", "\\n"])
    lines = [chars(64) for _ in range(R.randint(2, 5))]
    return end.join([f"-----BEGIN {kind}PRIVATE KEY-----", *lines, f"-----END {kind}PRIVATE KEY-----"])


def birth():
    y, m, d = R.randint(1930, 2012), R.randint(1, 12), R.randint(1, 28)
    months = "January February March April May June July August September October November December".split()
    return R.choice([f"{y}-{m:02}-{d:02}", f"{m:02}/{d:02}/{y}", f"{d:02}.{m:02}.{y}", f"{d:02}-{m:02}-{y}",
                     f"{y}/{m:02}/{d:02}", f"{y}{m:02}{d:02}", f"{d} {months[m - 1]} {y}", f"{months[m - 1]} {d}, {y}",
                     f"{d:02}-{months[m - 1][:3]}-{y}", f"{m}/{d}/{y % 100:02}"])


def mrn():
    return R.choice([digits(8), digits(7), "A" + digits(7), "MR-" + digits(6), digits(6), digits(3) + "-" + digits(2) + "-" + digits(2)])


def passport():
    return R.choice([digits(9), R.choice("ACEX") + digits(8)])


ANY = ["{}", "user {} logged in", "value={}", '{{"v":"{}","n":1}}', "[{}] done", "({})", "'{}'", "a, {}, b", "größe {} μs",
       "x\\n{}", "payload: {}; ok", "<v>{}</v>", "https://h.example/p?v={}&x=1"]
TEXT = ["{}", "note {} end", "({})", '"{}"', "a, {}, b", "got: {}; ok", "ü {} ü"]
SSN = ["ssn={}", "SSN: {}", 'social security number {}', '"ssn":"{}"', "applicant_ssn {} ok", "SSN is {}"]
CASES = [
    ("email", email, ANY + ["mailto:{}", "to=<{}>,", "{}:8080", "From: Bob <{}>", "id:{}|x", "邮箱{}。"]),
    ("email", lambda: email().replace("@", "%40").replace("+", "%2B").replace("'", ""), ["/reset?email={}&t=1", "u%3D{}%26x", "q={}"]),
    ("email", lambda: R.choice(["info@münchen.de", "bob@xn--mnchen-3ya.de", "anna@почта.рф"]), TEXT),
    ("payment_card", card, TEXT + ["card {} charged", "pan={}", '{{"card_number":"{}"}}', "Charged {} for 12.50", "visa {}, exp 12/27", "{}|12|2027|123"]),
    ("payment_card", lambda: grouped(card(), " "), TEXT + ["card {} 12/27", "pay with {} now"]),
    ("payment_card", lambda: grouped(card(), "-"), TEXT + ["cc={}&cvv=123"]),
    ("us_ssn", lambda: "-".join(ssn_parts()), TEXT + SSN + ["employee {} hired 2026-01-02"]),
    ("us_ssn", lambda: "".join(ssn_parts()), SSN),
    ("us_ssn", lambda: " ".join(ssn_parts()), SSN),
    ("us_ssn", lambda: ".".join(ssn_parts()), SSN),
    ("us_itin", lambda: "-".join(itin_parts()), ["ITIN {}", "itin: {}", "taxpayer id {} on file", '"itin":"{}"']),
    ("us_itin", lambda: "".join(itin_parts()), ["ITIN {}", "itin={}", "individual taxpayer number {}"]),
    ("phone", phone, TEXT + ["call {} back", "phone={}", "tel:{}", '"phone":"{}"', "Callback requested on {} by customer 7", "sms sent to {}: ok"]),
    ("phone", lambda: phone().replace("+", "%2B").replace(" ", "%20"), []),
    ("phone", national_phone, ["phone: {}", "Tel. {}", "mobile {} on file", '"phone_number":"{}"', "call {} back", "contact_phone={}", "Fax: {}"]),
    ("ip_address", ip, ["client {} connected", "from={}", "[{}]", '"ip":"{}"', "({})", "{} - - [x]", "remote {}, port 22"]),
    ("iban", iban, TEXT + ["iban={}", "transfer to {} done", '"iban":"{}"']),
    ("iban", lambda: in_fours(iban()), TEXT + ["IBAN {} BIC X"]),
    ("iban", lambda: in_fours(iban(), "-"), TEXT),
    ("mac_address", mac, TEXT + ["mac={}", "DHCPACK to {} via eth0", '"mac":"{}"', "station {} associated"]),
    ("jwt", jwt, TEXT + ["?token={}", "jwt={}", '{{"access_token":"{}"}}', "Authorization: Bearer {}", "Cookie: session={}; Path=/"]),
    ("bearer_token", lambda: chars(32), ["Authorization: Bearer {}", "authorization: bearer {}", '"Authorization": "Bearer {}"', "-H 'Authorization: Bearer {}'", "token={}", '"access_token":"{}"', "refresh_token: {}", "Authorization: Token {}", "X-Auth-Token: {}", "session_token={}&a=b", "Bearer%20{}"]),
    ("bearer_token", lambda: base64.b64encode(f"{R.choice(FIRST)}:{chars(9)}".encode()).decode(), ["Authorization: Basic {}", "authorization: basic {}", '"authorization":"Basic {}"', "Proxy-Authorization: Basic {}"]),
    ("password", password, ["password={}", "pwd={}&x=1", '"password":"{}"', '{{\\"password\\":\\"{}\\"}}', "password: {}", "passwd = {}", "--password {} --x", "--password={}", "DB_PASSWORD={}", "user=bob password={} host=db",
                            "'password': '{}'", "password => \"{}\"", "IDENTIFIED BY '{}'", "<password>{}</password>", "login?user=bob&password={}", "mysql -u root -p{} db", "passphrase={}", "spring.datasource.password={}", "PGPASSWORD={} psql", "db_pass={}", "ALTER USER x WITH PASSWORD '{}'", "export MYSQL_PWD={}", "curl -u bob:{} http://h", "user[password]={}", "%22password%22%3A%22{}%22"]),
    ("password", lambda: chars(10) + R.choice(["", "!", "$x"]), ["postgres://app:{}@db.example.com:5432/x", "redis://:{}@cache:6379", "amqp://u:{}@mq/v", "https://bob:{}@h.example/p", "mongodb+srv://a:{}@c.example.net/?x=1", "ftp://bob:{}@10.0.0.1/f"]),
    ("api_key", lambda: R.choice(VENDORS)(), TEXT + ["key={}", '"k":"{}"', "using {} for auth", "https://h.example/?k={}", "TOKEN='{}'"]),
    ("aws_key", aws_id, TEXT + ["aws_access_key_id={}", "AccessKeyId: {}"]),
    ("aws_key", aws_secret, ["aws_secret_access_key={}", "AWS_SECRET_ACCESS_KEY={}", '"SecretAccessKey": "{}"', "aws_secret_access_key = {}"]),
    ("private_key", pem, ["{}", "key: {} end", '{{"k":"{}"}}']),
    ("us_passport", passport, ["passport {}", "Passport No. {}", "passport number: {}", '"passport":"{}"', "passport_number={}", "US passport #{} scanned"]),
    ("medical_record_number", mrn, ["MRN {}", "MRN: {}", "mrn={}", '"mrn":"{}"', "medical record number {}", "Medical Record #{}", "patient MRN#{} admitted"]),
    ("date_of_birth", birth, ["DOB {}", "dob={}", '"dob":"{}"', "date of birth: {}", "born {}", "born on {}", "birth_date={}", '"dateOfBirth":"{}"', "birthday {}", "D.O.B.: {}"]),
]


def positives():
    for entity, make, templates in CASES:
        for template in templates:
            for _ in range(PER_TEMPLATE):
                value = make()
                # One value in a name=value pair of a text is cut where the text's quoting would.
                yield {"text": template.format(value), "entity": entity, "values": [value]}
    for name in VENDORS:
        for wrap in NAMED_KEYS[:2]:
            value = name()
            yield {"text": wrap(value), "entity": "api_key", "values": [value]}
    for wrap in NAMED_KEYS:
        for _ in range(PER_TEMPLATE):
            value = chars(32)
            yield {"text": wrap(value), "entity": "api_key", "values": [value]}


WORDS = "cache order retry shard queue worker lease stock index batch replica session cursor token pass card phone call".split()
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.{}.{} Safari/537.36"


def benign_line():
    d, n = digits, R.randrange
    ts = f"2026-{n(1, 13):02}-{n(1, 29):02}"
    clock = f"{n(24):02}:{n(60):02}:{n(60):02}"
    ms = 1_700_000_000_000 + n(10**11)
    w = lambda: R.choice(WORDS)
    return R.choice([
        lambda: f'{ipv4()} - - [{n(1, 29):02}/Nov/2026:{clock} +0000] "GET /api/v1/{w()}/{n(10**6)}?page={n(30)}&ts={ms} HTTP/1.1" {n(200, 504)} {n(10**6)} "-" "{AGENT.format(n(90, 130), n(4000, 7000), n(250))}"',
        lambda: f"{ts} {clock},{n(1000):03} INFO dfs.DataNode$PacketResponder: PacketResponder {n(3)} for block blk_{R.choice(['', '-'])}{n(10**18, 9 * 10**18)} terminating",
        lambda: f"{ts} {clock},{n(1000):03} INFO dfs.FSNamesystem: BLOCK* NameSystem.addStoredBlock: blockMap updated: 10.{n(256)}.{n(256)}.{n(256)}:50010 is added to blk_{n(10**18, 9 * 10**18)} size {n(67108864)}",
        lambda: f"[{n(10**6)}.{n(10**6):06}] usb 1-{n(9)}: new high-speed USB device number {n(127)} using xhci_hcd",
        lambda: f"Nov {n(1, 29)} {clock} host{n(99)} kernel: [{n(10**5)}.{n(10**6):06}] BIOS-e820: [mem 0x{n(2**40):016x}-0x{n(2**40):016x}] usable",
        lambda: json.dumps({"level": "INFO", "ts": ms, "trace_id": hexes(32), "span_id": hexes(16), "request_id": str(uuid.UUID(int=R.getrandbits(128), version=4)), "duration_ms": n(9000), "msg": f"{w()} {w()} done"}),
        lambda: json.dumps({"asctime": f"{ts} {clock}", "levelname": "INFO", "name": "django.request", "process": n(40000), "thread": n(10**14, 10**15), "message": f"GET /{w()}/{n(10**5)}/ {n(200, 504)}", "user_id": n(10**7), "db_queries": n(30), "request_duration": n(9999) / 1000}),
        lambda: f"{ts}T{clock}.{d(9)}Z commit {hexes(40)} parent {hexes(7)} tree {hexes(40)}",
        lambda: f"java.lang.IllegalStateException: {w()} {n(10**6)} at com.shop.{w()}.Service$$Lambda${n(999)}/0x{hexes(16)}.run(Service.java:{n(999)})",
        lambda: f"	at org.apache.kafka.clients.consumer.internals.Fetcher.fetch(Fetcher.java:{n(2000)}) ~[kafka-clients-{n(4)}.{n(9)}.{n(9)}.jar:?]",
        lambda: f"INFO {w()}-{n(99)} offset {n(10**12)} lag {n(10**5)} epoch {ms} partition {n(64)} leader {n(9)}",
        lambda: f"Upgraded libssl from 1.{n(9)}.{n(20)} to version 3.{n(9)}.{n(20)}.{n(99)} build {d(8)}.{n(9)}",
        lambda: f"celery@worker{n(9)} Task app.tasks.{w()}[{uuid.UUID(int=R.getrandbits(128), version=4)}] succeeded in {n(99)}.{d(17)}s: {{'ok': {n(10**9)}}}",
        lambda: f"sshd[{n(30000)}]: Failed password for invalid user {w()} from {ipv4()} port {n(1024, 65535)} ssh2",
        lambda: f"pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={ipv4()}",
        lambda: f"sha256:{hexes(64)} size {n(10**9)} pulled image registry.example.com/{w()}:v{n(9)}.{n(99)}.{n(99)}-{hexes(7)}",
        lambda: f"GC pause (G1 Evacuation Pause) {n(9999)}M->{n(9999)}M({n(9999)}M) {n(99)}.{d(6)}ms at {clock}",
        lambda: f"slow query {n(99)}.{d(6)} s: SELECT id, name FROM {w()} WHERE created_at > '{ts} {clock}' AND id IN ({d(7)}, {d(8)}, {d(9)}, {d(10)}) LIMIT {n(1000)}",
        lambda: f"postgres LOG:  checkpoint complete: wrote {n(9999)} buffers ({n(99)}.{n(9)}%); write={n(99)}.{d(3)} s; lsn={n(9):X}/{n(2**32):X}",
        lambda: f"{clock} {clock} std::vector<a::b> ratio 0.{d(16)} p99={n(999)}.{d(12)} mem=0x{hexes(12)}",
        lambda: f"metrics cpu={n(100)}.{d(2)} mem={n(10**10)} net.rx={n(10**13)} net.tx={n(10**13)} ids={d(18)},{d(19)},{d(13)}",
        lambda: f"order_id={d(16)} invoice_id={d(15)} seq={d(14)} request_id={d(19)} ts={ms}000",
        lambda: f"password reset requested for account {n(10**6)}; token expired; password: must be at least {n(8, 20)} characters",
        lambda: f"X-Request-Id {hexes(8)}-{hexes(4)}-{hexes(4)}-{hexes(4)}-{hexes(12)} ETag W/\"{hexes(8)}-{hexes(6)}\" Content-Length {n(10**7)}",
        lambda: f"npm http fetch GET 200 https://registry.example.org/lodash/-/lodash-4.17.{n(30)}.tgz {n(999)}ms; image@{n(1, 4)}x.png pkg@1.0.{n(9)}",
        lambda: f"systemd[1]: Started user@{n(1000, 2000)}.service - User Manager for UID {n(1000, 2000)}.",
        lambda: f"0x{hexes(8)} {d(4)} {d(3)} {d(5)} {d(6)} {d(2)} {d(4)} {d(1)} ?   Ss   {n(24):02}:{n(60):02}   0:{n(60):02} /usr/bin/{w()}",
        lambda: f"tracking {d(12)} shipped, ean {d(13)}, batch {d(8)}-{d(4)}, part {R.choice('ABC')}{d(3)}-{d(4)}-{d(2)}, zip {d(5)}-{d(4)}",
        lambda: f"call {n(10**9)} returned {n(99)} after {n(10**6)} us, cell {n(99)} row {n(10**8)}, contact list size {n(10**5)}",
        lambda: f"{ts}-{n(24):02}.{n(60):02}.{n(60):02}.{d(6)} R{n(64):02}-M1-N{n(9)}-C:J{n(20)}-U{n(12):02} RAS KERNEL INFO {n(99)} ddr errors detected and corrected on rank 0, symbol {n(99)}, bit {n(9)}",
    ])()


def main():
    with open(HERE / "positives.jsonl", "w") as out:
        for case in positives():
            out.write(json.dumps(case, ensure_ascii=False) + "\n")
    with open(HERE / "benign.log", "w") as out:
        for _ in range(10_000):
            out.write(benign_line() + "\n")


main()
