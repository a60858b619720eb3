"""The pages: what they say, to whom, in both languages, and what their buttons do."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assay.server.enrolment import codes
from assay.server.enrolment.models import IdentityCheck, IdentityPicture, Order, OrderState
from assay.server.enrolment.services import identity, payments, vouchers
from assay.server.exams.models import Registration, Sitting
from assay.server.exams.services import sittings
from assay.server.submissions.services import closing
from assay.wire import StopKind

DAY = timedelta(days=1)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(clock):
    """All pages see the tests' time."""


@pytest.fixture
def code(now):
    """A voucher's code: `code(per_cent=20)`."""

    def act(**how):
        batch = vouchers.create_batch(**{"name": "Class", "count": 1, "now": now} | how)
        return codes.shown(batch.vouchers.get().code)

    return act


def text_of(answer):
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(plain.split())


# -- the catalogue ------------------------------------------------------------------------------


def test_a_stranger_sees_every_exam_with_its_fee(browse):
    text = text_of(browse().get("/exams/"))

    for seen in ("Paid exam", "$100.00", "Small exam", "Free", "Exam in yen", "¥9,900"):
        assert seen in text
    assert "without a certificate" in text  # the rehearsal, last


def test_an_exams_page_says_what_it_costs_and_asks(browse):
    text = text_of(browse().get("/exams/yen/"))

    for seen in (
        "one sitting within 180 days",
        "1 hour",
        "90 %",
        "Lines 40 %",
        "Steps 60 %",
        "1 14 days",
        "2 1 month",
        "3 and more 1 year",
        "staff compare a document with a photo",
    ):
        assert seen in text


def test_the_catalogue_is_there_in_chinese(browse):
    browser = browse(language="zh-CN")

    assert "收费考试" in text_of(browser.get("/exams/"))
    assert "US$100.00" in text_of(browser.get("/exams/paid/"))


def test_there_is_no_page_of_an_exam_that_there_is_not(browse, alice):
    assert browse().get("/exams/nonesuch/").status_code == 404
    assert browse(alice).get("/exams/nonesuch/register/").status_code == 404


def test_the_page_says_from_when_after_a_failure(browse, running_sitting, alice, now):
    sitting = running_sitting(alice, "small")
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)
    browser = browse(alice)

    text = text_of(browser.get("/exams/small/"))

    assert "You can register again from 2026-03-16 10:00 UTC" in text
    assert "register/" not in browser.get("/exams/small/").content.decode()
    assert browser.get("/exams/small/register/").status_code == 302


def test_the_page_of_an_exam_knows_who_is_registered(browse, order, alice):
    order(exam="small")
    order(exam="paid")
    browser = browse(alice)

    assert "You are registered." in text_of(browser.get("/exams/small/"))
    assert "waits for its payment" in text_of(browser.get("/exams/paid/"))
    assert browser.get("/exams/paid/register/").status_code == 302


# -- registering --------------------------------------------------------------------------------


def test_a_free_exam_takes_one_click(browse, alice):
    answer = browse(alice).post("/exams/small/register/", follow=True)

    assert "You are registered." in text_of(answer)
    assert Registration.objects.get().candidate == alice


def test_the_form_says_whose_name_will_be_on_the_certificate(browse, alice):
    text = text_of(browse(alice).get("/exams/paid/register/"))

    assert "Alice Example" in text
    assert "as on your identity document" in text


def test_without_keys_the_form_says_that_a_voucher_is_needed(browse, alice):
    assert "a voucher is needed" in text_of(browse(alice).get("/exams/paid/register/"))


def test_a_voucher_registers(browse, alice, code):
    answer = browse(alice).post("/exams/paid/register/", {"voucher": code().lower()}, follow=True)

    assert "You are registered." in text_of(answer)


def test_a_mistyped_voucher_is_shown_again_with_what_is_wrong(browse, alice):
    answer = browse(alice).post("/exams/paid/register/", {"voucher": "<7KQM-3XWP-9TDB>"})

    assert answer.status_code == 422
    assert "There is a typing error in the voucher" in text_of(answer)
    assert 'value="&lt;7KQM-3XWP-9TDB&gt;"' in answer.content.decode()


def test_an_error_is_in_the_pages_language(browse, alice):
    answer = browse(alice, "zh-CN").post("/exams/paid/register/", {"voucher": "?"})

    assert answer.headers["Content-Language"] == "zh-hans"


def test_a_second_click_leads_to_my_exams(browse, alice):
    browser = browse(alice)
    browser.post("/exams/small/register/")

    answer = browser.post("/exams/small/register/")

    assert answer.headers["Location"] == "/registrations/"
    assert Registration.objects.count() == 1


# -- orders -------------------------------------------------------------------------------------


def test_an_order_says_what_is_to_be_paid(browse, alice, stripe, order, code):
    placed = order(voucher=code(per_cent=20))

    text = text_of(browse(alice).get(f"/enrolment/orders/{placed.pk}/"))

    assert "$100.00" in text
    assert "−20 %" in text
    assert "To pay $80.00" in text
    assert "Pay $80.00" in text


def test_without_keys_the_button_says_why_it_does_nothing(browse, alice, order):
    answer = browse(alice).get(f"/enrolment/orders/{order().pk}/")

    assert "Payment is not set up on this server" in text_of(answer)
    assert b"disabled" in answer.content


def test_pay_leads_to_stripes_page_and_back(browse, alice, stripe, order, tell):
    placed = order()
    browser = browse(alice)

    answer = browser.post(f"/enrolment/orders/{placed.pk}/pay/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == stripe.sessions[stripe.latest]["url"]

    stripe.pay(stripe.latest)
    back = browser.get(f"/enrolment/orders/{placed.pk}/paid/", follow=True)
    assert "You are registered." in text_of(back)


def test_the_orders_page_allows_forms_to_lead_to_stripe_and_no_other_page_does(
    browse, alice, order, settings
):
    browser = browse(alice)
    ours = browser.get(f"/enrolment/orders/{order().pk}/").headers["Content-Security-Policy"]
    other = browser.get("/exams/").headers["Content-Security-Policy"]

    assert "form-action 'self' https://checkout.stripe.com" in ours
    assert "stripe" not in other
    assert "default-src 'none'" in ours


def test_who_does_not_pay_hears_that_nothing_was_charged(browse, alice, stripe, order):
    placed = order()

    answer = browse(alice).get(f"/enrolment/orders/{placed.pk}/?payment=cancelled")

    assert "nothing was charged" in text_of(answer)


def test_who_comes_back_before_the_money_is_asked_to_wait(browse, alice, stripe, order, now):
    placed = order()
    payments.begin(placed.pk, now)

    answer = browse(alice).get(f"/enrolment/orders/{placed.pk}/paid/", follow=True)

    assert "not confirmed yet" in text_of(answer)


def test_when_stripe_is_down_the_order_says_so(browse, alice, stripe, order):
    stripe.is_down = True

    answer = browse(alice).post(f"/enrolment/orders/{order().pk}/pay/")

    assert answer.status_code == 503
    assert "Nothing was charged" in text_of(answer)


def test_a_voucher_can_be_used_on_an_open_order(browse, alice, order, code):
    placed = order()

    answer = browse(alice).post(
        f"/enrolment/orders/{placed.pk}/voucher/", {"voucher": code()}, follow=True
    )

    assert "You are registered." in text_of(answer)


def test_an_order_can_be_cancelled(browse, alice, order):
    placed = order()

    answer = browse(alice).post(f"/enrolment/orders/{placed.pk}/cancel/", follow=True)

    assert "This order is cancelled." in text_of(answer)


def test_a_closed_order_says_that_nothing_can_be_changed(browse, alice, order):
    placed = order(exam="small")

    answer = browse(alice).post(f"/enrolment/orders/{placed.pk}/cancel/")

    assert answer.status_code == 409
    assert "nothing about it can be changed" in text_of(answer)


# -- identity -----------------------------------------------------------------------------------


@pytest.fixture
def files(picture):
    def act(**more):
        made = {
            "document": SimpleUploadedFile("passport.png", picture("PNG"), "image/png"),
            "photo": SimpleUploadedFile("me.exe", picture(), "application/octet-stream"),
        }
        return made | more

    return act


def test_pictures_are_sent_and_the_page_says_so(browse, alice, order, files):
    registration = order(exam="guarded").registration

    answer = browse(alice).post(f"/enrolment/identity/{registration.pk}/", files(), follow=True)

    assert "Staff look at your pictures" in text_of(answer)
    assert IdentityPicture.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"photo": ""}, "Both pictures are needed"),
        ({"photo": SimpleUploadedFile("x.jpg", b"nothing")}, "not a JPEG, PNG or WebP"),
        ({"photo": SimpleUploadedFile("x.jpg", bytes(10_000_001))}, "larger than 10 MB"),
        ({"photo": SimpleUploadedFile("x.jpg", bytes(21_000_000))}, "larger than 10 MB"),
    ],
    ids=["missing", "no picture", "too large", "far too large"],
)
def test_pictures_that_cannot_be_used_are_refused(browse, alice, order, files, wrong, said):
    registration = order(exam="guarded").registration

    answer = browse(alice).post(f"/enrolment/identity/{registration.pk}/", files(**wrong))

    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not IdentityCheck.objects.exists()


def test_the_form_is_protected_against_forgery(alice, order, files):
    registration = order(exam="guarded").registration
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    address = f"/enrolment/identity/{registration.pk}/"

    assert browser.post(address, files()).status_code == 403

    token = re.search(
        r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(address).content.decode()
    )
    assert token is not None
    sent = browser.post(address, files(csrfmiddlewaretoken=token[1]))
    assert sent.status_code == 302


def test_the_candidate_reads_why_pictures_were_refused(browse, alice, order, picture, chen, now):
    registration = order(exam="guarded").registration
    check = identity.submit(alice, registration.pk, document=picture(), photo=picture(), now=now)
    identity.refuse(check.pk, by=chen, reason="The <name> is covered.", now=now)

    answer = browse(alice).get(f"/enrolment/identity/{registration.pk}/")

    assert "The &lt;name&gt; is covered." in answer.content.decode()
    assert 'type="file"' in answer.content.decode()


def test_after_the_approval_there_is_a_way_on(browse, alice, order, picture, chen, now):
    registration = order(exam="guarded").registration
    check = identity.submit(alice, registration.pk, document=picture(), photo=picture(), now=now)
    identity.approve(check.pk, by=chen, now=now)

    answer = browse(alice).get(f"/enrolment/identity/{registration.pk}/")

    assert "Your identity is confirmed." in text_of(answer)
    assert f"/registrations/{registration.pk}/" in answer.content.decode()


def test_nobody_tries_codes_for_long(browse, alice, order):
    browser = browse(alice)

    answers = [browser.post("/exams/paid/register/", {"voucher": "?"}) for _ in range(21)]

    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert "too often" in text_of(answers[-1])


def test_nobody_sends_pictures_for_long(browse, alice, order):
    address = f"/enrolment/identity/{order(exam='guarded').registration.pk}/"
    browser = browse(alice)

    assert [browser.post(address).status_code for _ in range(11)] == [422] * 10 + [429]


def test_the_rules_of_the_exam_lead_back_to_the_check(browse, alice, order):
    registration = order(exam="guarded").registration

    page = browse(alice).get(f"/registrations/{registration.pk}/").content.decode()

    assert f"/enrolment/identity/{registration.pk}/" in page


# -- my exams -----------------------------------------------------------------------------------


def test_who_has_nothing_is_shown_the_catalogue(browse, alice):
    assert "not registered for any exam" in text_of(browse(alice).get("/registrations/"))


def test_my_exams_say_what_comes_next(browse, alice, order, register, now):
    order(exam="paid")
    order(exam="guarded")
    ready = order(exam="small").registration

    answer = browse(alice).get("/registrations/")

    text = text_of(answer)
    assert "Waits for your payment" in text
    assert "Waits for document and photo" in text
    assert "Start before 2026-08-29 10:00 UTC" in text
    assert f"/registrations/{ready.pk}/" in answer.content.decode()


def test_my_exams_show_a_running_clock(browse, alice, running_sitting):
    running_sitting(alice, "small")

    text = text_of(browse(alice).get("/registrations/"))

    assert "The clock runs Until 2026-03-02 11:00 UTC" in text


def test_my_exams_show_a_clock_that_stands(browse, alice, running_sitting, now):
    running_sitting(alice, "small").stops.create(kind=StopKind.OUTAGE, began_at=now)

    text = text_of(browse(alice).get("/registrations/"))

    assert "The clock stands No time of yours runs" in text
    assert "Back into the exam" in text


@pytest.mark.parametrize(("points", "said"), [(5, "Passed with 100 %"), (1, "20 %, not enough")])
def test_my_exams_show_results(browse, alice, running_sitting, mark, now, points, said):
    sitting = running_sitting(alice, "small")
    for slot in ("Category1", "Category2"):
        mark(sitting, slot, points=points)
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)

    assert said in text_of(browse(alice).get("/registrations/"))


def test_my_exams_show_what_is_over(browse, alice, register, ready_sitting, clock, now):
    register(alice, "guarded")
    Sitting.objects.filter(pk=ready_sitting(alice, "small").pk).update(voided_at=now)
    clock.at = now + 181 * DAY

    text = text_of(browse(alice).get("/registrations/"))

    assert "Expired without a sitting" in text
    assert "Annulled by staff" in text


def test_my_exams_show_a_retake_wait_of_a_registration_by_staff(
    browse, alice, running_sitting, register, now
):
    sitting = running_sitting(alice, "small")
    sittings.end(sitting.pk, now)
    closing.close_if_due(sitting.pk, now)
    register(alice, "small")

    text = text_of(browse(alice).get("/registrations/"))

    assert "Can be started from 2026-03-16 10:00 UTC" in text


def test_an_exam_that_the_bank_has_no_more_is_still_listed(browse, alice, register):
    Registration.objects.filter(pk=register(alice).pk).update(exam="gone")

    assert "gone" in text_of(browse(alice).get("/registrations/"))


# -- who may see what ---------------------------------------------------------------------------


@pytest.fixture
def places(order):
    """Every page of a person, with the method that it answers to."""
    placed = order()
    guarded = order(exam="guarded").registration
    base = f"/enrolment/orders/{placed.pk}/"
    return [
        ("get", base),
        ("get", f"{base}paid/"),
        ("post", f"{base}pay/"),
        ("post", f"{base}voucher/"),
        ("post", f"{base}cancel/"),
        ("get", f"/enrolment/identity/{guarded.pk}/"),
        ("post", f"/enrolment/identity/{guarded.pk}/"),
    ]


def test_a_stranger_is_sent_to_sign_in(browse, places):
    for method, address in [*places, ("get", "/registrations/"), ("get", "/exams/small/register/")]:
        answer = getattr(browse(), method)(address)

        assert answer.status_code == 302, address
        assert answer.headers["Location"].startswith("/accounts/login/?next="), address


def test_another_candidate_finds_nothing(browse, places, bob):
    for method, address in places:
        assert getattr(browse(bob), method)(address).status_code == 404, address
    assert Order.objects.get(exam="paid").state == OrderState.OPEN


def test_what_there_is_not_is_not_found(browse, alice):
    browser = browse(alice)

    assert browser.get(f"/enrolment/orders/{uuid4()}/").status_code == 404
    assert browser.get(f"/enrolment/identity/{uuid4()}/").status_code == 404


# -- both languages -----------------------------------------------------------------------------


def test_no_english_is_left_on_a_chinese_page(browse, bob, order, stripe, picture, chen, now):
    placed = order(bob)
    guarded = order(bob, exam="guarded").registration
    order(bob, exam="small")
    browser = browse(bob, "zh-CN")
    addresses = [
        "/exams/",
        "/exams/yen/",
        "/exams/yen/register/",
        "/registrations/",
        f"/enrolment/orders/{placed.pk}/",
        f"/enrolment/orders/{placed.pk}/?payment=done",
        f"/enrolment/orders/{placed.pk}/?payment=cancelled",
        f"/enrolment/identity/{guarded.pk}/",
    ]
    known = re.compile(
        r"Assay|API|English|UTC|JPEG|PNG|WebP|MB|Stripe|GitHub|testserver|[A-Z0-9]{8}|US|JP|"
        r"bob@example\.org|Assay at testserver|\d\S*"
    )
    for address in addresses:
        page = browser.get(address).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        text = known.sub("", re.sub(r"<[^>]+>", " ", main))

        assert re.findall(r"[A-Za-z]{2,}", text) == [], address
