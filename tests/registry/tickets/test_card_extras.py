"""What the registry adds to the pages of clients, sites and persons."""

from __future__ import annotations

from tests.factories import a_client, a_ticket


def test_a_client_s_card_lists_its_open_tickets_and_leads_to_logging(house, sign_in):
    other = a_client("Duma Trade")
    ticket = a_ticket(house, "accepted")
    a_ticket(house, client=other, site=None, contact=None, summary="Noise")
    visitor = sign_in(house.visitor)
    page = visitor.get(f"/clients/{house.client.id}").text
    assert f'href="/tickets/{ticket.number}"' in page
    assert "Noise" not in page
    assert f'href="/tickets/new?client={house.client.id}"' in page
    assert "Log a problem here" not in sign_in(house.engineer).get(
        f"/clients/{house.client.id}").text


def test_a_long_list_is_cut_and_leads_to_all_of_it(house, sign_in):
    for _ in range(10):
        a_ticket(house)
    page = sign_in(house.visitor).get(f"/clients/{house.client.id}").text
    assert page.count('class="line-main" href="/tickets/') == 8
    assert f'href="/tickets?client={house.client.id}"' in page


def test_a_site_s_page_lists_what_is_open_there(house, sign_in):
    ticket = a_ticket(house)
    a_ticket(house, site=None, summary="Noise")
    page = sign_in(house.visitor).get(f"/clients/sites/{house.site.id}").text
    assert f'href="/tickets/{ticket.number}"' in page
    assert "Noise" not in page


def test_a_person_s_page_leads_to_handing_everything_over(house, sign_in):
    a_ticket(house, "accepted")
    lead = sign_in(house.lead)
    page = lead.get(f"/people/{house.engineer.id}").text
    assert f'href="/tickets?holder={house.engineer.id}"' in page
    assert f'href="/sheets/new?giver={house.engineer.id}&amp;purpose=absence"' in page
    assert "Hand over everything" not in lead.get(f"/people/{house.other_engineer.id}").text
    assert "Hand over everything" not in sign_in(house.other_engineer).get(
        f"/people/{house.engineer.id}").text
