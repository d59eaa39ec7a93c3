"""Given names that are hardly ever family names, in small plain letters.

Left out on purpose is what is common as both (Martin, Thomas, Kim, Lee, Jordan, Ali), and every
name of languages whose names begin with the family name unless it can only be a given name.
"""

_NAMES = """
aaron abigail adele adriana adriano agata agnes agnieszka aidan aileen aimee aisha akiko alana alba
alberto alejandra alejandro aleksandr aleksandra alessandra alessandro alexa alexander alexandra
alexandre alexandria alexei alexey alfredo alice alicia alina alison allison alyssa amanda amandine
amelia amelie amina amit amrita amy ana anais ananya anastasia anders andrea andreas andrei andrew
andrey andrzej angela angelica angelina anika anita anja anjali anke ann anna annabel anne annette
annika antje antoine antonella antonia antonio anya aoife april arjun arturo ashwin astrid attila
audrey aurelie aurelien axelle ayesha balazs barbara beata beatrice beatriz becky bence benedikt
benjamin bernadette beth bethany bettina betty birgit bjorn bogdan brenda brendan brian bridget
brigitte brittany bronwyn bruna bruno caitlin camila camille candice carina carla carlos carmen
carol carolina caroline carolyn cassandra catalina catarina caterina catherine cathy cecile cecilia
celeste celia celine charlene charles charlotte chelsea chiara chloe chris christian christiane
christina christine christoph christophe christopher ciara claire clara clarissa claudia clemence
colette colleen constance constanza corinne cornelia cristian cristiano cristina csaba cynthia
daisuke daisy daniel daniela daniele danielle danilo daria darren dave david deborah debra deepa
deepika delphine denise derek devika diana diane diego dieter dimitri dimitris divya dmitri dmitry
dominik dominika dominique donna dora doreen doris dorothy eduardo edward eileen ekaterina elaine
eleanor elena eleni elif elisa elisabeth elise eliza elizabeth ella ellen eloise elsa emanuele emil
emilia emilie emily emma emmanuel emmanuelle emmy enrique eric erica erik erika erin ernesto
erzsebet esteban esther eszter ethan etienne eugene eugenia eva evan eve evelyn fabian fabiana
fabien fabio fabrice fatima fatma federica federico felicia felicity felipe ferenc fernanda
fernando fiona flavia florian francesca francesco francisca francisco franziska frederic frederick
frederik frida friederike gabor gabriela gabriele gabriella gabrielle gail gemma genevieve geoffrey
georgia georgina gerald gergely gina ginny giorgia giovanna giovanni gisela giulia giuseppe gizem
gloria grazia greg greta grzegorz guillaume guillermo gunther gustavo gwen gwendolyn hailey haley
hanna hannah hans harriet haruka hayley heather heidi heike helen helena helene helga henrik
henrique hilde hiroshi holly ian ignacio igor ilaria ildiko ilse ilya imogen ines inga inge ingrid
irena irene irina iris isabel isabella isabelle isidora istvan ivan ivana jackie jacob jacqueline
jaime jakob jakub james jan jana jane janet janice janine jasmin jasmine jason javier jeanette
jeanne jeff jeffrey jenna jennifer jenny jens jeremy jerome jerzy jessica jill jitka joan joana
joanna joanne joao joaquin jochen jodie joe joel johan johanna johannes john johnny jolanta jonas
jonathan jorge jose josefina josephine josh joshua juan juana judit judith judy julia julian
juliana juliane julie julien juliet juliette julio justin justine justyna kaitlyn kamila karen
karin karina karolina katalin katarina katarzyna kate katerina katharina katharine katherine
kathleen kathrin kathryn kathy katie katja katrin katrina kavita kayla keiko kelsey kenji kenneth
kerstin kevin kimberly kirsten kirsty klaus konstantin kristen kristian kristin kristina kristine
krzysztof kurt lara larissa larry laszlo laura lauren lea leah leila lena leonardo leonie leonor
leticia liam lidia lieke lillian lily lina linda lisa livia liz loic lorena lorenzo loretta lori
lorraine louisa louise luca lucia luciana luciano lucie lucille lucinda lucy ludmila ludovic luigi
luis luisa luise lukas lydia lynne maciej maddalena madeleine madeline magali magdalena maggie maja
malgorzata mandy manuela marcel marcela marcelo marcia marcin marco marcos marcus mareike margaret
margarita margaux margherita margot maria mariam mariana marianne mariano marija marilyn marina
mario marissa marjorie mark markus marlene marta martha martina mary maryam mateo mateusz mathieu
mathilde matilda matteo matthew matthias matthieu mattia maureen maurizio mauro maxime maximilian
megan meghan mehmet melanie melinda melissa mercedes meredith mia michael michaela michal michele
micheline michelle miguel mihai mikael mike mikhail milena mirella miriam mirjam molly monica
monika monique muriel myriam nadia nadine nadja naoko naomi natalia natalie nataliya natasha
nathalie nathan nathaniel neha nelly niamh nicholas nicola nicolas nicole niels nikhil nikita nikki
nikolai nikolaos nikolas nils nina nisha noelle noemi nora norbert octavia olga olivia ondrej orla
oskar pablo pamela paola paolo pascale patricia patrizia paula paulina pauline pawel pedro peggy
penelope penny peter petra philipp philippa philippe phoebe phyllis pia pierre pilar piotr pooja
pranav preeti priya priyanka quentin rachael rachel rafael rahul raimund rainer ralf rebecca
rebekah regina reinhard renata renate rhiannon ricardo riccardo rita robert roberta roberto rodrigo
rohan rohit rolf romain ronald rosa rosalind rosanna rosemary rosie roxane ruben rudolf rupert ruth
sabine sabrina sally samantha samir sandra sara sarah saskia sean sebastian sebastien selena selma
serena sergei sergey sergio shane sharon shauna shawn sheila shreya sibylle siddharth sigrid silke
silvia simona simone sinead siobhan sofia solange sonia sonja sophia sophie stacey stacy stanislav
stefan stefania stefanie stefano steffen stella stephan stephane stephanie stephen steve steven sue
sunita susan susana susanna susanne suzanne sven svenja svetlana swati sylvain sylvia sylvie szymon
tabea takashi tamara tamas tammy tania tanja tanya tara tatiana tatjana teresa tessa thea theodora
theresa therese thiago thibault thorsten tibor tiffany tim timothy tina tobias tomas tomasz toni
tony torsten tracey tracy tristan trudy ulrich ulrike ursula ute uwe valentina valeria valerie
vanessa vera veronica veronika veronique vicky victoria vikram viktoria violeta virginia virginie
vishal vittoria vivian viviane vivien vladimir volker wendy werner wiebke wilhelm william winifred
wojciech wolfgang xavier xiomara yannick yasmin yasmine yolanda yoshiko yuliya yvette yvonne zach
zachary zainab zoe zofia zoltan zsofia zsolt zsuzsanna
"""
GIVEN_NAMES = frozenset(_NAMES.split())
