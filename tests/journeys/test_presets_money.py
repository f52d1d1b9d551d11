"""Golden stories of the money presets: Shenyang's last three, Qinhuangdao's first and last."""

from pathlib import Path

from tests.support.preset_cities import Story, told

NINE = {f"d{n}": ("district", "city") for n in range(1, 10)}
# Points of the covert checks in two weeks that end in March.
WEEKS = {
    "d1": ("96", "94"), "d2": ("95", "91"), "d3": ("93", "91"), "d4": ("92", "90"),
    "d5": ("91", "89"), "d6": ("90", "88"), "d7": ("80", "84"), "d8": ("82", "82"),
    "d9": ("70", "74"),
}  # fmt: skip


def money(story: Story) -> list[tuple[str, str, str, str]]:
    return sorted(
        (event.unit, event.direction, f"{event.amount:f} {event.currency}", event.reason.clause)
        for event in story.proposed("money").values()
    )


def test_the_last_districts_of_shenyang_lose_money_and_two_share_the_second_last_place(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "shenyang", NINE, "2026-03-02 08:00") as story:
        for week, day in enumerate(("2026-03-04 10:00", "2026-03-11 10:00")):
            story.at(day)
            for unit, scores in WEEKS.items():
                story.sheet(unit, scores[week])
        story.at("2026-03-20 10:00")
        for unit in NINE:
            story.sheet(unit, "88", "expert")
        story.at("2026-04-01 09:00")
        weekly = story.publish("shenyang", "2026-W10", "district")
        assert weekly[0] == (1, "d1", "96.00")
        assert weekly[-1] == (9, "d9", "70.00")
        # 0.7 × the average of the weeks + 0.3 × the experts' 88
        assert story.publish("shenyang-composite", "2026-03", "district") == [
            (1, "d1", "92.90"), (2, "d2", "91.50"), (3, "d3", "90.80"), (4, "d4", "90.10"),
            (5, "d5", "89.40"), (6, "d6", "88.70"), (7, "d7", "83.80"), (7, "d8", "83.80"),
            (9, "d9", "76.80"),
        ]  # fmt: skip
        story.react()
        # Both that share the second-last place lose its amount; the third-last place is taken.
        assert money(story) == [
            ("d7", "deduction", "2000000.00 CNY", "second-last"),
            ("d8", "deduction", "2000000.00 CNY", "second-last"),
            ("d9", "deduction", "3000000.00 CNY", "last"),
        ]
        story.react()
        assert len(story.proposed("money")) == 3  # the same cause proposes once


def test_the_first_district_of_qinhuangdao_wins_what_the_last_loses(tmp_path: Path) -> None:
    four = {unit: NINE[unit] for unit in ("d1", "d2", "d3", "d4")}
    with told(tmp_path, "qinhuangdao", four, "2026-02-23 08:00") as story:
        story.at("2026-03-03 10:00")
        for unit, covert, openly in (("d1", "95", "90"), ("d2", "80", "95"), ("d3", "90", "90"),
                                     ("d4", "79", "99")):  # fmt: skip
            story.sheet(unit, covert, "covert_check")
            story.sheet(unit, openly, "open_check")
        story.at("2026-03-09 09:00")
        # Mainly the covert checks: 0.7 and 0.3
        assert story.publish("qinhuangdao-composite", "2026-F05", "district") == [
            (1, "d1", "93.50"), (2, "d3", "90.00"), (3, "d4", "85.00"), (4, "d2", "84.50"),
        ]  # fmt: skip
        story.react()
        assert money(story) == [
            ("d1", "reward", "1000000.00 CNY", "first"),
            ("d2", "deduction", "1000000.00 CNY", "last"),
        ]
        assert {event.period for event in story.proposed("money").values()} == {"2026-F05"}
