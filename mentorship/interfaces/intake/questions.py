"""What the intake form asks, whatever the program; `form` asks it of one person."""

from __future__ import annotations

from django import forms

from mentorship.domain.survey.answers import Answers
from mentorship.interfaces.intake.own_questions import NOT_SAID, REFUSED, SentencesField
from mentorship.interfaces.intake.time_zones import TimeZoneField
from mentorship.interfaces.public_form import PublicForm
from mentorship.models import Attendance, CareerStage, Role

NOT_TAKING_PART = "none"
EITHER = "either"
SHORT = 200  # as long as an import takes it, or what was imported could not be saved again


class IntakeQuestions(PublicForm):
    """The fixed questions; what there is to choose from comes from the program."""

    name = forms.CharField(
        label="Your name",
        help_text="As your match should see it.",
        max_length=SHORT,
        error_messages=REFUSED | {"required": "Enter your name."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    short_name = forms.CharField(
        label="What should we call you?",
        help_text="A first name or a nickname, as emails will use it.",
        max_length=100,
        required=False,
        error_messages=REFUSED,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    role = forms.ChoiceField(
        label="I’d like to take part as",
        choices=[
            (Role.MENTOR, "a mentor"),
            (Role.MENTEE, "a mentee"),
            (EITHER, "either: where I help most"),
            (NOT_TAKING_PART, "I can’t take part after all"),
        ],
        widget=forms.RadioSelect,
        error_messages=REFUSED
        | {"required": "Choose mentor, mentee or either, or say that you can’t take part."},
    )
    other_role = forms.ChoiceField(
        label="Could you take the other role if there are too few people in it?",
        help_text="The committee would only ask it of you if somebody had no match otherwise.",
        choices=[("yes", "yes"), ("", "no")],
        required=False,
        widget=forms.RadioSelect,
        error_messages=REFUSED,
    )
    attendance = forms.ChoiceField(
        label="I’m attending",
        choices=[(Attendance.IN_PERSON, "in person"), (Attendance.VIRTUAL, "virtually")],
        widget=forms.RadioSelect,
        error_messages=REFUSED | {"required": "Choose in person or virtually."},
    )
    expertise = forms.MultipleChoiceField(
        label="My fields",
        help_text="Choose all that fit: the more you choose, the easier it is to match you. "
        "If none of them fits, choose Other.",
        widget=forms.CheckboxSelectMultiple,
        error_messages=REFUSED | {"required": "Choose at least one field."},
    )
    sector = forms.ChoiceField(
        label="Employment sector", error_messages=REFUSED | {"required": "Choose your sector."}
    )
    career_stage = forms.ChoiceField(
        label="Career stage",
        choices=[("", NOT_SAID), *CareerStage.choices],
        required=False,
        error_messages=REFUSED,
    )
    affiliation = forms.CharField(
        label="Where do you work or study?",
        help_text="So that you’re not matched with a colleague.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    capacity = forms.IntegerField(
        label="If you’re a mentor: how many mentees could you take?",
        help_text="Most mentors take one. Everyone gets a first mentee before anyone gets a "
        "second. With 0 you stay on the list, and the committee asks you only if it needs to.",
        min_value=0,
        max_value=20,
        # Not a number input: it forgets words, and here what was typed is kept.
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Enter how many mentees you could take. Most mentors enter 1.",
            "invalid": "Enter the number of mentees in digits, such as 1.",
            "min_value": "The number of mentees can’t be below 0.",
            "max_value": "That’s more than one person can mentor. Enter 20 or fewer.",
        },
    )
    topics_offered = SentencesField(
        label="If you’re a mentor: what could you talk about?",
        help_text="Two sentences are plenty.",
    )
    topics_wanted = SentencesField(
        label="If you’re a mentee: what would you like to talk about?",
        help_text="Your first job, your first talk, a change of field? Two sentences are plenty.",
    )
    notes = SentencesField(
        label="Anything else that helps match you?",
        help_text="What you work on, the libraries you use, what you enjoy.",
    )
    time_zone = TimeZoneField(
        label="Your time zone during the conference",
        required=False,
        error_messages=REFUSED | {"invalid_choice": "Choose a time zone from the list."},
    )
    free_hours = forms.MultipleChoiceField(
        label="When could you meet?",
        help_text="On your own clock, on most days of the conference.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=REFUSED,
    )
    days_there = forms.MultipleChoiceField(
        label="On which days?",
        help_text="Choose none if you don’t know yet.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=REFUSED,
    )
    wants_to_meet = forms.CharField(
        label="Is there someone you’d like to meet?",
        help_text="A name, or a kind of person. The committee will try, but can’t promise it.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
    )
    rather_not_meet = forms.CharField(
        label="Is there someone you’d rather not be matched with?",
        help_text="Only the committee sees this. You don’t need to say why.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
    )


class GoodbyeForm(PublicForm):
    """Confirms that a person can't take part after all."""

    why = forms.CharField(
        label="Is there anything the committee should know? (optional)",
        help_text="You don’t need to give a reason.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
    )

    def answers(self) -> Answers:
        """Return the answer that takes no part."""
        return Answers(taking_part=False, notes=self.cleaned_data["why"])
