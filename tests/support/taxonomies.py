"""A taxonomy that shares no name with the default one: what works with both is not made for one."""

from fleet.taxonomy import AutomatedMail, Choice, Escalation, Languages, Taxonomy


def clinic(**escalation: object) -> Taxonomy:
    """Make a taxonomy of four categories and three urgency levels."""
    return Taxonomy(
        name="clinic",
        categories=(
            Choice(name="appointment", description="a visit is wanted, moved or called off"),
            Choice(name="prescription", description="medicine, {doses} and repeat orders"),
            Choice(name="legal", description="consent, records, complaints"),
            Choice(name="rest", description="everything else"),
        ),
        urgencies=(
            Choice(name="whenever", description="this month"),
            Choice(name="today", description="before the evening"),
            Choice(name="now", description="somebody is in danger"),
        ),
        automated=AutomatedMail(category="rest"),
        languages=Languages(small=("en", "ja")),
        escalation=Escalation.model_validate(escalation),
    )
