"""Text of feeds.yaml in; feeds, or every fault as 'file:line: what to do', out."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeline.articles.feed import Feed
from pipeline.articles.link import usable_link
from pipeline.contract.errors import ConfigError
from pipeline.ontology.yamlfile import check_model, read_yaml

# ISO 3166-1 alpha-3, officially assigned; XKX is the user-assigned code that is common for Kosovo.
_CODES = """
ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS
BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV
CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM
GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN
IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE
LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS
MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK
PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR
SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY
USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM XKX YEM ZAF ZMB ZWE
"""
COUNTRIES = frozenset(_CODES.split())
_WEB = re.compile(r"https?://", re.I)


def _http(url: str) -> str:
    if not _WEB.match(url) or usable_link(url) != url:
        raise ValueError(f"write an http:// or https:// address of at most 2000 characters, not {url!r}")
    return url


def _country(code: str) -> str:
    if code not in COUNTRIES:
        raise ValueError(f"write an ISO 3166 alpha-3 code such as GBR, not {code!r}, or leave it out")
    return code


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    feed_id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    url: Annotated[str, AfterValidator(_http)]
    outlet: str = Field(min_length=1, max_length=100)
    country: Annotated[str, AfterValidator(_country)] | None = None
    language: str = Field(default="en", pattern=r"^[a-z]{2}$")
    interval_s: int | None = Field(default=None, ge=5, le=86_400)
    full_text: bool = False


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    feeds: list[_Entry] = Field(min_length=1)


def load_feeds(name: str, text: str) -> tuple[Feed, ...]:
    """Read the feeds in their order; raises ConfigError that lists every fault."""
    faults: list[str] = []
    file = check_model(_File, name, text, faults)
    if file is None:
        raise ConfigError(faults)
    lines = read_yaml(name, text, [])
    for field in ("feed_id", "url"):
        first: dict[str, int] = {}
        for index, entry in enumerate(file.feeds):
            value = getattr(entry, field)
            if first.setdefault(value, index) != index:
                where = lines.at(("feeds", first[value], field))
                faults.append(
                    f"{lines.at(('feeds', index, field))}: {value!r} stands at {where} already; remove one"
                )
    if faults:
        raise ConfigError(faults)
    return tuple(Feed(**entry.model_dump()) for entry in file.feeds)
