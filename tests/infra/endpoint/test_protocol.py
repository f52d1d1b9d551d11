"""The HTTP interface as ClickHouse's documentation describes it."""

import gzip
import http.client
import io
import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from infra.clickhouse.endpoint.packing import blocks, from_blocks
from tests.support.clickhouse import ANALYST, endpoint
from tests.support.clickhouse_http import AS_ANALYST, AS_SINK, Reply, request


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with endpoint(tmp_path_factory.mktemp("tables")) as address:
        yield address


@pytest.fixture
def table(address: str) -> Iterator[str]:
    made = "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a"
    assert request(address, made, AS_SINK).status == 200
    yield "t"
    request(address, "DROP TABLE t SYNC", AS_SINK)


def rows(address: str) -> str:
    return request(address, "SELECT a, b FROM t ORDER BY a", AS_SINK).text


def test_health_is_told_to_everybody(address: str) -> None:
    for path in ("/ping", "/replicas_status"):
        reply = request(address, headers={}, method="GET", path=path)
        assert (reply.status, reply.text) == (200, "Ok.\n")
    assert request(address, method="GET").text == "Ok.\n"


@pytest.mark.parametrize(
    ("sql", "status", "code", "name"),
    [
        ("SELEC 1", 400, "62", "SYNTAX_ERROR"),
        ("SELECT nonsense", 404, "47", "UNKNOWN_IDENTIFIER"),
        ("SELECT * FROM nowhere", 404, "60", "UNKNOWN_TABLE"),
        ("SELECT nonsense()", 404, "46", "UNKNOWN_FUNCTION"),
        ("SELECT 1 FORMAT Nonsense", 404, "73", "UNKNOWN_FORMAT"),
        ("SELECT throwIf(1)", 500, "395", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"),
        ("SELECT {x:UInt8}", 500, "456", "UNKNOWN_QUERY_PARAMETER"),
        ("", 400, "62", "SYNTAX_ERROR"),
        ("DROP TABLE cases", 403, "497", "ACCESS_DENIED"),
    ],
)
def test_what_is_wrong_is_told_as_the_server_tells_it(
    address: str, sql: str, status: int, code: str, name: str
) -> None:
    reply = request(address, sql)
    assert (reply.status, reply.code) == (status, code)
    assert reply.text.startswith(f"Code: {code}. DB::Exception: ")
    assert f"({name}) (version " in reply.text


def test_answers_bring_the_headers_that_clients_look_for(address: str) -> None:
    reply = request(address, "SELECT 1", query_id="mine")
    assert reply.headers["x-clickhouse-query-id"] == "mine"
    assert reply.headers["x-clickhouse-format"] == "TabSeparated"
    assert reply.headers["x-clickhouse-timezone"]
    assert reply.headers["x-clickhouse-server-display-name"]
    assert set(json.loads(reply.headers["x-clickhouse-summary"])) >= {"read_rows", "elapsed_ns"}
    assert request(address, "SELECT 1").headers["x-clickhouse-query-id"] != "mine"


def test_a_question_comes_in_the_address_in_the_body_or_in_both(address: str) -> None:
    assert request(address, method="GET", query="SELECT 1").text == "1\n"
    assert request(address, "SELECT 1").text == "1\n"
    assert request(address, "FROM numbers(2)", query="SELECT count()").text == "2\n"
    assert request(address, "SELECT 1;\n").text == "1\n"
    assert request(address, "SELECT 1 -- ; said aside\n").text == "1\n"
    assert request(address, "SELECT ';'").text == ";\n"


@pytest.mark.parametrize(
    ("output", "begins", "kind"),
    [
        ("JSON", b'{\n\t"meta":', "application/json"),
        ("JSONCompact", b'{\n\t"meta":', "application/json"),
        ("JSONEachRow", b'{"a":0', "application/x-ndjson"),
        ("CSV", b"0,", "text/csv"),
        ("CSVWithNames", b'"a","b"\n0,', "text/csv; charset=UTF-8; header=present"),
        ("TabSeparatedWithNamesAndTypes", b"a\tb\nUInt64\t", "text/tab-separated-values"),
        ("JSONCompactEachRowWithNames", b'["a", "b"]\n', "text/plain"),
        ("RowBinaryWithNamesAndTypes", b"\x02\x01a\x01b\x06UInt64", "application/octet-stream"),
        ("Native", b"\x02", "application/octet-stream"),
        ("Parquet", b"PAR1", "application/octet-stream"),
        ("ArrowStream", b"\xff\xff\xff\xff", "application/octet-stream"),
        ("XML", b"<?xml", "application/xml"),
        ("PrettyCompact", b"", "text/plain"),
        ("Values", b"(0,", "text/plain"),
    ],
)
def test_every_format_is_the_same_however_it_is_asked_for(
    address: str, output: str, begins: bytes, kind: str
) -> None:
    sql = "SELECT number AS a, toString(number * 7) AS b FROM numbers(200000)"
    replies = [
        request(address, f"{sql} FORMAT {output}"),
        request(address, sql, default_format=output),
        request(address, sql, {**AS_ANALYST, "X-ClickHouse-Format": output}),
        request(address, sql, default_format=output, wait_end_of_query="1"),
    ]
    assert {reply.headers["x-clickhouse-format"] for reply in replies} == {output}
    assert replies[0].body.startswith(begins)
    assert replies[0].headers["content-type"].startswith(kind)
    if not output.startswith(("JSONCompact", "XML")) and output != "JSON":  # these tell the time
        assert len({len(reply.body) for reply in replies}) == 1
    if output == "CSVWithNames":
        assert replies[0].text.count('"a"') == 1
        assert replies[0].text.count("\n") == 200_001
    if output == "Parquet":
        assert parquet.read_table(io.BytesIO(replies[0].body)).num_rows == 200_000
    if output == "ArrowStream":
        assert pa.ipc.open_stream(replies[0].body).read_all().num_rows == 200_000


def test_a_large_answer_in_one_piece_is_whole_whatever_else_is_asked(address: str) -> None:
    sql = "SELECT number, toString(number) AS text FROM numbers(400000) ORDER BY number"

    def ask(turn: int) -> pa.Table:
        return pa.ipc.open_file(request(address, f"{sql} FORMAT Arrow").body).read_all()

    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(ask, range(12)):
            assert found["number"].to_pylist() == list(range(400_000))


def test_names_come_also_without_rows(address: str) -> None:
    assert request(address, "SELECT 1 AS a WHERE 0 FORMAT CSVWithNames").text == '"a"\n'
    named = request(address, 'SELECT 1 AS "a""b,c" FROM numbers(3) FORMAT CSVWithNames')
    assert named.text == '"a""b,c"\n1\n1\n1\n'
    lines = "SELECT 1 AS a, '\n' AS b FROM numbers(100000) FORMAT CSVWithNames"
    assert request(address, lines).text.count('"a"') == 1
    totals = "SELECT number % 2 AS k, count() FROM numbers(4) GROUP BY k WITH TOTALS ORDER BY k"
    assert request(address, totals).text == "0\t2\n1\t2\n\n0\t4\n"


def test_parameters_fill_the_question(address: str) -> None:
    sql = "SELECT {n:UInt8}, {t:String}, {l:Array(String)}, {d:Date}"
    params = {
        "param_n": "7",
        "param_t": "it's\\ta",
        "param_l": "['a','b']",
        "param_d": "2026-01-02",
    }
    assert request(address, sql, **params).text == "7\tit\\'s\\ta\t['a','b']\t2026-01-02\n"


def test_a_form_is_read_like_an_address(address: str) -> None:
    part = 'Content-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    body = "".join(
        f"--x\r\n{part.format(*p)}" for p in [("query", "SELECT {n:UInt8}"), ("param_n", "5")]
    )
    headers = {**AS_ANALYST, "Content-Type": "multipart/form-data; boundary=x"}
    assert request(address, f"{body}--x--\r\n", headers).text == "5\n"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd", "br"])
def test_answers_are_packed_as_the_client_can_unpack_them(address: str, encoding: str) -> None:
    headers = {**AS_ANALYST, "Accept-Encoding": encoding}
    sql = "SELECT number FROM numbers(300000)"
    reply = request(address, sql, headers, enable_http_compression="1")
    assert reply.headers["content-encoding"] == encoding
    assert unpacked(reply.body, encoding) == request(address, sql).body
    plain = request(address, sql, headers, enable_http_compression="0")
    assert "content-encoding" not in plain.headers


def unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(body)
    if encoding == "deflate":
        return zlib.decompress(body)
    codec = "brotli" if encoding == "br" else encoding
    return bytes(pa.CompressedInputStream(pa.BufferReader(body), codec).read())


@pytest.mark.parametrize("encoding", ["gzip", "lz4", "zstd", "br"])
def test_rows_come_packed(address: str, table: str, encoding: str) -> None:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "brotli" if encoding == "br" else encoding) as packed:
        packed.write(b"1,one\n2,two\n")
    headers = {**AS_SINK, "Content-Encoding": encoding}
    body = sink.getvalue().to_pybytes()
    assert request(address, body, headers, query="INSERT INTO t FORMAT CSV").status == 200
    assert rows(address) == "1\tone\n2\ttwo\n"
    torn = request(address, body[:-5], headers, query="INSERT INTO t FORMAT CSV")
    assert torn.status >= 400 or encoding == "lz4"
    assert request(address, "SELECT 1", {**AS_SINK, "Content-Encoding": "snappy"}).code == "48"


def test_clickhouse_s_own_blocks_go_both_ways(address: str, table: str) -> None:
    reply = request(address, "SELECT number FROM numbers(300000)", compress="1")
    plain = request(address, "SELECT number FROM numbers(300000)").body
    assert len(reply.body) < len(plain)
    assert from_blocks(io.BytesIO(reply.body)).read() == plain
    body = b"".join(blocks([b"INSERT INTO t FORMAT CSV\n1,one\n"]))
    assert request(address, body, AS_SINK, decompress="1").status == 200
    assert rows(address) == "1\tone\n"
    torn = bytearray(body)
    torn[-1] ^= 1
    assert request(address, bytes(torn), AS_SINK, decompress="1").code == "40"


@pytest.mark.parametrize(
    "body",
    [
        "INSERT INTO t (a, b) VALUES (1, 'x;y'), (2, 'z')",
        "INSERT INTO t FORMAT CSV\n1,x;y\n2,z\n",
        'INSERT INTO duban.t (a, b) SETTINGS async_insert = 0 FORMAT JSONEachRow\n{"a":1,"b":"x;y"}'
        '{"a":2,"b":"z"}',
        "INSERT INTO t SELECT number + 1, if(number > 0, 'z', 'x;y') FROM numbers(2)",
    ],
)
def test_rows_come_in_any_way_an_insert_is_written(address: str, table: str, body: str) -> None:
    reply = request(address, body, AS_SINK)
    assert reply.status == 200, reply.text
    assert rows(address) == "1\tx;y\n2\tz\n"


def test_a_bad_row_keeps_its_whole_insert_out(address: str, table: str) -> None:
    assert request(address, "INSERT INTO t FORMAT CSV\n1,x\nnonsense\n", AS_SINK).status == 400
    assert rows(address) == ""


@pytest.mark.parametrize("settings", [{}, {"insert_deduplication_token": "x", "async_insert": "0"}])
def test_an_insert_that_finds_no_room_is_refused(
    address: str, table: str, settings: dict[str, str]
) -> None:
    full = f"ALTER TABLE t MODIFY SETTING min_free_disk_bytes_to_perform_insert = {1 << 60}"
    assert request(address, full, AS_SINK).status == 200
    reply = request(address, "INSERT INTO t FORMAT CSV\n1,x\n", AS_SINK, **settings)
    assert (reply.status, reply.code) == (500, "243")
    assert rows(address) == ""


def test_a_client_that_dies_in_the_middle_of_its_rows_leaves_none(address: str, table: str) -> None:
    host, _, port = address.partition(":")
    connection = http.client.HTTPConnection(host, int(port))
    connection.putrequest("POST", "/?query=INSERT+INTO+t+FORMAT+CSV")
    for name, value in (AS_SINK | {"Content-Length": "1000"}).items():
        connection.putheader(name, value)
    connection.endheaders(b"1,one\n2,two\n")
    connection.close()
    assert rows(address) == ""


def test_a_token_inserts_once_over_http(address: str) -> None:
    made = (
        "CREATE TABLE once (a UInt64) ENGINE = MergeTree ORDER BY a "
        "SETTINGS non_replicated_deduplication_window = 10"
    )
    assert request(address, made, AS_SINK).status == 200
    for _ in range(2):
        settings = {"insert_deduplication_token": "x", "async_insert": "0"}
        sent = request(address, "INSERT INTO once FORMAT CSV\n1\n", AS_SINK, **settings)
        assert sent.status == 200
    assert request(address, "SELECT count() FROM once", AS_SINK).text == "1\n"
    request(address, "DROP TABLE once SYNC", AS_SINK)


def test_sessions_keep_what_is_set_and_temporary_tables(address: str) -> None:
    def say(sql: str, session: str = "s1", **params: str) -> Reply:
        return request(address, sql, AS_SINK, session_id=session, **params)

    assert say("SELECT 1", "nobody's", session_check="1").code == "372"
    assert say("SET max_threads = 1").status == 200
    assert say("SELECT getSetting('max_threads')").text == "1\n"
    assert say("SELECT getSetting('max_threads')", max_threads="2").text == "2\n"
    assert say("SELECT getSetting('max_threads')").text == "1\n"
    assert say("CREATE TEMPORARY TABLE mine (a Int8)").status == 200
    assert say("INSERT INTO mine VALUES (5)").status == 200
    assert say("SELECT * FROM mine").text == "5\n"
    assert say("SELECT * FROM mine", "s2").code == "60"
    assert request(address, "SET max_threads = 1", AS_SINK).code == "164"
    assert request(address, "SELECT 1", session_id="analysts may name one").text == "1\n"


def test_what_goes_wrong_behind_the_first_rows_is_marked(address: str) -> None:
    sql = "SELECT throwIf(number = 3000000), number FROM numbers(4000000) FORMAT TSV"
    reply = request(address, sql, max_block_size="65536", max_threads="1")
    if reply.status == 200:
        tag = reply.headers["x-clickhouse-exception-tag"]
        assert f"__exception__\r\n{tag}\r\nCode: 395. DB::Exception: " in reply.text[-2000:]
    assert request(address, sql, wait_end_of_query="1").status == 500


def test_credentials_come_in_three_ways(address: str) -> None:
    named = {"X-ClickHouse-User": "analyst", "X-ClickHouse-Key": ANALYST}
    assert request(address, "SELECT 1", named).text == "1\n"
    assert request(address, "SELECT 1", {}, user="analyst", password=ANALYST).text == "1\n"
    assert request(address, "SELECT 1", AS_ANALYST).text == "1\n"


def test_a_long_answer_needs_no_memory_of_its_length(address: str) -> None:
    def resident() -> int:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) >> 10

    before = resident()
    host, _, port = address.partition(":")
    connection = http.client.HTTPConnection(host, int(port))
    sql = "SELECT repeat('x', 200), number FROM numbers(2000000) FORMAT CSVWithNames"
    connection.request("POST", "/", sql, AS_ANALYST)
    reply, size = connection.getresponse(), 0
    while part := reply.read(1 << 20):
        size += len(part)
    connection.close()
    assert size > 400_000_000
    assert resident() - before < 250, "MiB"
