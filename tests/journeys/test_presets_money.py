"""Golden stories of the money presets: Shenyang's last three, Qinhuangdao's first and last."""

from pathlib import Path

from tests.support.preset_cities import told

NINE = {f"d{n}": ("district", "city") for n in range(1, 10)}
# Points of the covert checks in the two weeks that end in the month, and of the experts.
WEEKS = {
    "d1": ("96", "94"), "d2": ("95", "91"), "d3": ("93", "91"), "d4": ("92", "90"),
    "d5": ("91", "89"), "d6": ("90", "88"), "d7": ("80", "84"), "d8": ("82", "82"),
    "d9": ("70", "74"),
}  # fmt: skip


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
        story.at("2026-03-16 09:00")
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
