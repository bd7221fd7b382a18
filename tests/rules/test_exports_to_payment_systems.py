"""G2P Connect, Payment Hub EE and GovStack: the shapes that their interfaces ask for."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from projections.errors import BadFile, BadParameter
from projections.payment_lists.exports import FORMATS, Accounts, Payer, check, g2p_connect
from projections.payment_lists.exports.g2p_connect import message_id
from projections.payment_lists.exports.govstack import RequestIds
from tests.rules.exported import (
    ACCOUNTS,
    FIRST,
    LINES,
    LIST,
    PAYER,
    accounts_for,
    exported,
    heading,
    many_lines,
)

MOVING_MONEY = ("g2p", "payment_hub", "govstack")


def test_a_g2p_message_has_the_fields_of_the_interface() -> None:
    identity = message_id(LIST, 1_000, 1)
    assert exported("g2p").decode() == (
        f'{{"signature":"","header":{{"version":"1.0.0","message_id":"{identity}",'
        '"message_ts":"2026-08-14T01:30:00Z","action":"disburse","sender_id":"cell-1",'
        '"sender_uri":"","receiver_id":"","total_count":2,"is_msg_encrypted":false,'
        f'"meta":{{"list":"{LIST}","digest":"{heading().document}","batch":1,"batches":1}}}},'
        f'"message":{{"transaction_id":"{LIST}","disbursements":['
        '{"reference_id":"10000000-0000-8000-8000-000000000001",'
        '"payer_fa":"account:1402000000000001@bank.example",'
        '"payee_fa":"account:6222020000000001@bank.example","amount":"850.00",'
        '"payer_name":"Civil affairs bureau","note":"dibao.urban 2026-08",'
        f'"purpose":"dibao.urban","instruction":"list {LIST}","currency_code":"CNY",'
        '"locale":"zho"},'
        '{"reference_id":"30000000-0000-8000-8000-000000000003",'
        '"payer_fa":"account:1402000000000001@bank.example",'
        '"payee_fa":"mobile:13900000000@wallet.example","amount":"300.05",'
        '"payer_name":"Civil affairs bureau","note":"help_first 2026-08",'
        f'"purpose":"help_first","instruction":"list {LIST}","currency_code":"CNY",'
        '"locale":"zho"}]}}\n'
    )


def test_without_a_provider_accounts_stand_in_g2p_messages_as_they_are_given() -> None:
    payer = Payer(account="token:1@bank.example")
    message = json.loads(exported("g2p", [FIRST], payer=payer))["message"]["disbursements"][0]
    assert (message["payer_fa"], message["payee_fa"]) == (
        "token:1@bank.example",
        "6222020000000001",
    )
    assert "payer_name" not in message


@pytest.mark.parametrize("fen", [1, 10, 99, 100, 85_000, 10**13])
def test_g2p_amounts_have_the_pattern_of_the_interface(fen: int) -> None:
    line = FIRST._replace(amount_fen=fen, parts=(("2026-08", fen),))
    message = json.loads(exported("g2p", [line]))
    (said,) = message["message"]["disbursements"]
    assert re.fullmatch(r"\d{1,13}\.\d{1,2}", said["amount"])


def test_g2p_messages_are_batched_and_each_has_an_id_of_its_own() -> None:
    lines = list(many_lines(7))
    content = b"".join(
        g2p_connect.write(heading(lines), lines, accounts_for(range(7)), PAYER, most=3)
    )
    headers = [json.loads(line)["header"] for line in content.splitlines()]
    assert [header["total_count"] for header in headers] == [3, 3, 1]
    assert [header["meta"]["batch"] for header in headers] == [1, 2, 3]
    assert {header["meta"]["batches"] for header in headers} == {3}
    ids = [UUID(header["message_id"]) for header in headers]
    assert ids == [message_id(LIST, 3, number) for number in (1, 2, 3)]
    assert len(set(ids)) == 3
    assert {(one.version, one.variant) for one in ids} == {(8, "specified in RFC 4122")}


def test_a_g2p_message_has_a_thousand_disbursements_at_most() -> None:
    lines = list(many_lines(1_001))
    content = exported("g2p", lines, accounts_for(range(1_001)))
    counts = [json.loads(line)["header"]["total_count"] for line in content.splitlines()]
    assert counts == [1_000, 1]


def test_the_time_of_a_message_is_that_of_the_sending_in_utc() -> None:
    east = timezone(timedelta(hours=8))
    head = replace(heading(), sent_at=datetime(2026, 8, 14, 9, 30, 0, 250_000, tzinfo=east))
    content = b"".join(FORMATS["g2p"].write(head, LINES, ACCOUNTS, PAYER))
    assert json.loads(content)["header"]["message_ts"] == "2026-08-14T01:30:00.250000Z"
    assert head.sent_at.astimezone(UTC).hour == 1


def test_the_payment_hub_gets_its_columns_in_its_order() -> None:
    assert exported("payment_hub").decode() == (
        "id,request_id,payment_mode,payer_identifier_type,payer_identifier,"
        "payee_identifier_type,payee_identifier,amount,currency,note\n"
        "0,10000000-0000-8000-8000-000000000001,closedloop,accountNumber,1402000000000001,"
        "accountNumber,6222020000000001,850.00,CNY,dibao.urban 2026-08\n"
        "1,30000000-0000-8000-8000-000000000003,closedloop,accountNumber,1402000000000001,"
        "accountNumber,mobile:13900000000@wallet.example,300.05,CNY,help_first 2026-08\n"
    )


def test_the_payment_hub_gets_the_payment_mode_that_is_set_up_there() -> None:
    content = exported("payment_hub", payer=replace(PAYER, payment_mode="MOJALOOP")).decode()
    assert [line.split(",")[2] for line in content.splitlines()[1:]] == ["MOJALOOP"] * 2


def test_govstack_gets_one_array_with_amounts_as_numbers() -> None:
    ids = RequestIds()
    first, second = (ids.of(LINES[number].reference_id) for number in (0, 2))
    assert exported("govstack").decode() == (
        "[\n"
        f'{{"requestId":"{first}",'
        '"creditParty":[{"key":"accountNumber","value":"6222020000000001"}],'
        '"debitParty":[{"key":"accountNumber","value":"1402000000000001"}],'
        '"paymentMode":"closedloop","amount":850.00,"currency":"CNY",'
        '"descriptionText":"dibao.urban 2026-08"},\n'
        f'{{"requestId":"{second}",'
        '"creditParty":[{"key":"accountNumber","value":"mobile:13900000000@wallet.example"}],'
        '"debitParty":[{"key":"accountNumber","value":"1402000000000001"}],'
        '"paymentMode":"closedloop","amount":300.05,"currency":"CNY",'
        '"descriptionText":"help_first 2026-08"}\n'
        "]\n"
    )


def test_govstack_texts_keep_to_the_lengths_of_the_interface() -> None:
    line = FIRST._replace(head="x" * 60)
    (said,) = json.loads(exported("govstack", [line]), parse_float=Decimal)
    assert len(said["requestId"]) == 16
    assert said["requestId"].isascii()
    assert said["descriptionText"] == "x" * 50


def test_request_ids_are_the_same_each_time_and_each_lines_own() -> None:
    lines = [line.reference_id for line in many_lines(2_000)]
    ids = RequestIds()
    first = [ids.of(line) for line in lines]
    again = RequestIds()
    assert [again.of(line) for line in lines] == first
    assert len(set(first)) == 2_000


def test_a_request_id_that_an_earlier_line_has_is_passed_over() -> None:
    ids = RequestIds(characters=1)
    assert len({ids.of(line.reference_id) for line in many_lines(20)}) == 20


@pytest.mark.parametrize("name", MOVING_MONEY)
def test_a_format_that_moves_money_needs_accounts_and_a_payer(name: str) -> None:
    with pytest.raises(BadParameter, match="payees' accounts"):
        FORMATS[name].write(heading(), LINES, None, PAYER)
    with pytest.raises(BadParameter, match="payer's account"):
        FORMATS[name].write(heading(), LINES, ACCOUNTS, None)
    with pytest.raises(BadParameter, match="payer's account"):
        check(FORMATS[name], LINES, ACCOUNTS, Payer())


@pytest.mark.parametrize(
    ("payer", "parameter"),
    [
        (Payer(account="=1+1"), "payer_account"),
        (Payer(account="1,2"), "payer_account"),
        (Payer(account="1", name="a\nb"), "payer_name"),
        (Payer(account="1", name="x" * 100), "payer_name"),
        (Payer(account="1", provider="a@b"), "provider"),
        (Payer(account="1", payment_mode="closed,loop"), "payment_mode"),
        (Payer(account="1", payment_mode=""), "payment_mode"),
    ],
)
def test_a_payer_that_makes_no_sense_is_refused(payer: Payer, parameter: str) -> None:
    with pytest.raises(BadParameter) as refused:
        check(FORMATS["payment_hub"], LINES, ACCOUNTS, payer)
    assert refused.value.extra["parameter"] == parameter
    assert payer.account not in refused.value.detail or payer.account == "1"


def test_a_line_whose_payee_has_no_account_breaks_the_stream() -> None:
    stream = FORMATS["payment_hub"].write(heading(), LINES, Accounts({}), PAYER)
    with pytest.raises(BadFile, match=str(FIRST.reference_id)):
        list(stream)
