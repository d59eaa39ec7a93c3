"""Words by which people say what they are, or which part of a university they are in."""

from __future__ import annotations

# If an affiliation has no other words, it names nobody's employer, and two people who wrote the
# same are no colleagues.
STATUSES = {
    "a", "academia", "academic", "affiliated", "affiliation", "am", "an", "analyst",
    "applicable", "assistant", "associate", "available", "between", "bsc", "candidate",
    "career", "college", "company", "consultant", "consulting", "contractor", "contributor",
    "currently", "data", "developer", "doctoral", "early", "emeritus", "employed", "employment",
    "engineer", "engineering", "entrepreneur", "etc", "faculty", "fellow", "for", "founder",
    "freelance", "freelancer", "freelancing", "gap", "government", "grad", "graduate", "hire",
    "hobbyist", "home", "hunting", "i", "im", "in", "independent", "individual", "industry",
    "institute", "intern", "internship", "it", "job", "jobs", "junior", "late", "learning",
    "leave", "lecturer", "looking", "machine", "maintainer", "manager", "master", "masters",
    "mid", "msc", "multiple", "my", "n", "na", "new", "nil", "no", "non", "none", "nonprofit",
    "not", "open", "opportunities", "or", "oss", "other", "own", "parent", "parental",
    "personal", "phd", "position", "positions", "postdoc", "postdoctoral", "private",
    "professor", "profit", "programmer", "public", "research", "researcher", "retired",
    "sabbatical", "school", "science", "scientist", "sector", "seeker", "seeking", "self",
    "senior", "software", "source", "staff", "startup", "stay", "student", "students", "tbd",
    "teacher", "tech", "transition", "unaffiliated", "undergrad", "undergraduate", "unemployed",
    "university", "unknown", "various", "volunteer", "work", "year",
}  # fmt: skip
# Of these it has at least one: "Research" alone may be a place.
WHAT_SOMEBODY_IS = {
    "academia", "academic", "analyst", "bsc", "candidate", "consultant", "contractor",
    "contributor", "developer", "doctoral", "employment", "engineer", "entrepreneur", "faculty",
    "founder", "freelance", "freelancer", "freelancing", "government", "grad", "graduate",
    "hobbyist", "independent", "individual", "industry", "intern", "job", "jobs", "lecturer",
    "looking", "maintainer", "msc", "nonprofit", "opportunities", "personal", "phd",
    "positions", "postdoc", "postdoctoral", "professor", "programmer", "researcher", "retired",
    "sabbatical", "scientist", "sector", "seeker", "seeking", "self", "student", "students",
    "teacher", "unaffiliated", "undergrad", "undergraduate", "unemployed", "volunteer", "work",
}  # fmt: skip
# Subjects and units that may follow a university's name.
SUBJECTS = {
    "and", "applied", "astro", "astronomy", "astrophysics", "biochemistry", "bioinformatics",
    "biologia", "biologie", "biology", "business", "chemical", "chemie", "chemistry", "chimie",
    "civil", "computer", "computing", "data", "earth", "ecology", "economics", "education",
    "electrical", "engineering", "environmental", "fisica", "genetics", "geography", "geology",
    "geoscience", "geosciences", "health", "history", "informatics", "informatik", "it", "law",
    "libraries", "library", "linguistics", "matematicas", "materials", "math", "mathematics",
    "mathematik", "mathematiques", "maths", "mechanical", "medicine", "meteorology",
    "neuroscience", "nursing", "oceanography", "of", "pharmacy", "philosophy", "physics",
    "physik", "physique", "political", "psychology", "quimica", "research", "science",
    "sciences", "services", "social", "sociology", "statistics", "the",
}  # fmt: skip
