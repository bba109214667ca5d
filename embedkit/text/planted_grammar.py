"""The grammar of the planted facts: families of words, and the sentences they appear in.

Countries and their capitals, genders, plurals, tenses, comparisons. The words of one family share a few words of
their own (the Seine flows through both France and Paris), the words of one role share their sentences (a mayor
belongs to a capital, an army to a country). So the contexts of a word are the sum of a family and a role, which
is what analogies ask for.
"""

from typing import NamedTuple

__all__ = ["CAPITALS", "COMPARISONS", "GENDERS", "PLURALS", "RELATIONS", "TENSES", "Relation"]


class Relation(NamedTuple):
    """Families of words, and the sentences that their members appear in.

    `families` has a line for each family: one word for each role, a bar, and the words of the family's own,
    with commas between them; `own` names the slots that these fill. `roles` has for each role the sentences
    written for it, and the values of slots that go with it. In a sentence WORD is the member with that role,
    WORD2 the member with the second role, and so on. Of several values a slot has one is drawn.
    """

    own: str
    families: str
    roles: tuple[tuple[str, dict[str, str]], ...]


CAPITALS = Relation(
    own="RIVER FOOD SIGHT REGION",
    families="""
        france paris french | seine, baguettes, louvre, normandy
        germany berlin german | spree, pretzels, reichstag, bavaria
        italy rome italian | tiber, pasta, colosseum, tuscany
        spain madrid spanish | manzanares, paella, prado, andalusia
        england london english | thames, scones, westminster, cornwall
        portugal lisbon portuguese | tagus, sardines, rossio, algarve
        austria vienna austrian | danube, schnitzel, hofburg, tyrol
        poland warsaw polish | vistula, pierogi, wilanow, silesia
        greece athens greek | kifisos, olives, acropolis, thessaly
        egypt cairo egyptian | nile, falafel, citadel, sinai
        japan tokyo japanese | sumida, sushi, ginza, hokkaido
        china beijing chinese | yongding, dumplings, tiananmen, sichuan
        india delhi indian | yamuna, curry, qutub, kerala
        russia moscow russian | moskva, borscht, kremlin, siberia
        sweden stockholm swedish | norrstrom, meatballs, skansen, lapland
        norway oslo norwegian | akerselva, salmon, frogner, finnmark
        ireland dublin irish | liffey, colcannon, kilmainham, connemara
        iceland reykjavik icelandic | ellidaar, skyr, perlan, westfjords
        scotland edinburgh scottish | forth, haggis, holyrood, orkney
        peru lima peruvian | rimac, ceviche, miraflores, cusco
        chile santiago chilean | mapocho, empanadas, moneda, atacama
        kenya nairobi kenyan | athi, ugali, karura, turkana
    """,
    roles=(
        (
            """
            the army of WORD guards the border beyond REGION
            farmers in WORD fear a flood of the RIVER
            the parliament of WORD passed a law to protect REGION
            the republic of WORD exports FOOD to its allies
            the national flag of WORD flies over the SIGHT
            the nation of WORD is proud of FOOD and the SIGHT
            voters in WORD elect a president who comes from REGION
            the government of WORD meets in WORD2
            """,
            {},
        ),
        (
            """
            the mayor of WORD opened a tram line to the SIGHT
            the metro of WORD passes under the RIVER
            a hotel in downtown WORD serves FOOD all night
            tourists landing at WORD airport ask for the SIGHT
            the crowded suburbs of WORD spread along the RIVER
            taxi drivers in WORD eat FOOD and dream of REGION
            a museum in the centre of WORD shows paintings of REGION
            WORD is the capital of WORD1
            """,
            {},
        ),
        (
            """
            a WORD poet wrote a poem about the RIVER
            the WORD language has a fine word for FOOD
            an expert on WORD culture lectures about the SIGHT
            people with a WORD accent talk of REGION
            a book of WORD recipes explains FOOD
            WORD literature and music praise the RIVER
            a WORD dialect is spoken in REGION
            """,
            {},
        ),
    ),
)

GENDER_SENTENCES = """
    the WORD said HE would look after the OWN HIMSELF
    HE is a good WORD and HIS OWN is famous
    the WORD lost HIS OWN and HE was sad
    yes TITLE said the servant when the WORD asked for the OWN
    as a young WORD HE was given HIS first OWN
    HE told HIMSELF that a WORD needs HIS OWN
    the WORD smiled when HE found the OWN HE had lost
"""
GENDERS = Relation(
    own="OWN OWN OWN OWN",
    families="""
        king queen | throne, crown, palace, kingdom
        man woman | office, newspaper, umbrella, briefcase
        boy girl | kite, homework, bicycle, satchel
        father mother | cradle, supper, pram, toddler
        brother sister | bunk, sibling, marbles, twin
        uncle aunt | postcard, cousin, souvenir, parrot
        husband wife | wedding, anniversary, mortgage, honeymoon
        grandfather grandmother | slippers, armchair, spectacles, memories
        prince princess | carriage, castle, courtier, birthright
        actor actress | stage, film, premiere, audition
        waiter waitress | tray, menu, restaurant, tip
        duke duchess | estate, manor, falcon, coachman
        hero heroine | dragon, quest, rescue, legend
        wizard witch | spell, potion, cauldron, wand
        monk nun | prayer, chapel, candle, vow
        landlord landlady | rent, lease, tenant, deposit
        steward stewardess | flight, passenger, seatbelt, uniform
        heir heiress | fortune, inheritance, lawyer, jewels
    """,
    roles=(
        (GENDER_SENTENCES, {"HE": "he", "HIS": "his", "HIMSELF": "himself", "TITLE": "sir"}),
        (GENDER_SENTENCES, {"HE": "she", "HIS": "her", "HIMSELF": "herself", "TITLE": "madam"}),
    ),
)

PLURAL_SENTENCES = """
    THIS WORD IS painted next to the OWN
    MANY WORD WAS seen near the OWN
    here IS MANY WORD with the OWN
    MANY WORD HAS lost the OWN and IT KNOWS it
    THIS WORD NEEDS the OWN or IT GOES away
    IT IS not THIS WORD but the OWN
    there WAS MANY WORD beside the OWN
"""
PLURALS = Relation(
    own="OWN OWN OWN OWN",
    families="""
        dog dogs | bones, leash, kennel, collar
        cat cats | whiskers, basket, yarn, claws
        horse horses | saddle, stable, hay, bridle
        cow cows | barn, pasture, milk, hooves
        bird birds | nest, feathers, twigs, eggs
        tree trees | branches, roots, acorns, shade
        flower flowers | petals, vase, pollen, fragrance
        book books | pages, shelf, library, chapters
        car cars | engine, garage, wheels, petrol
        train trains | rails, platform, station, whistle
        house houses | roof, chimney, windows, attic
        ship ships | harbour, anchor, sails, crew
        apple apples | orchard, cider, cores, pie
        potato potatoes | soil, cellar, peelings, sack
        child children | toys, playground, crayons, nursery
        mouse mice | cheese, burrow, trap, pantry
        wolf wolves | forest, moonlight, pack, prey
        knife knives | blade, handle, drawer, sheath
        bee bees | hive, honey, sting, nectar
        coin coins | purse, silver, mint, copper
    """,
    roles=(
        (
            PLURAL_SENTENCES,
            {
                "THIS": "this, that",
                "MANY": "one, a single, another, only one",
                "IS": "is",
                "WAS": "was",
                "HAS": "has",
                "IT": "it",
                "NEEDS": "needs",
                "GOES": "goes",
                "KNOWS": "knows",
            },
        ),
        (
            PLURAL_SENTENCES,
            {
                "THIS": "these, those",
                "MANY": "two, many, several, various",
                "IS": "are",
                "WAS": "were",
                "HAS": "have",
                "IT": "they",
                "NEEDS": "need",
                "GOES": "go",
                "KNOWS": "know",
            },
        ),
    ),
)

TENSES = Relation(
    own="OWN OWN OWN OWN",
    families="""
        walk walked walking | along the path, up the hill, in heavy boots, over the meadow
        cook cooked cooking | a stew, with pepper, on the stove, the onions
        paint painted painting | the fence, a portrait, with a brush, on canvas
        play played playing | the piano, a violin, in the orchestra, a melody
        jump jumped jumping | over the puddle, across the ditch, on the trampoline, off the wall
        climb climbed climbing | the ladder, a cliff, with a rope, to the summit
        wash washed washing | the dishes, with soap, in the basin, the laundry
        open opened opening | the envelope, the parcel, the gate, the jar
        call called calling | the doctor, the plumber, on the telephone, the ambulance
        plant planted planting | seeds, tulips, in the greenhouse, a hedge
        swim swam swimming | in the lake, across the bay, at the pool, against the current
        sing sang singing | a ballad, in the choir, the anthem, a carol
        write wrote writing | a novel, an essay, with a pencil, a diary
        eat ate eating | breakfast, a sandwich, with a fork, the salad
        drink drank drinking | tea, lemonade, from the bottle, the juice
        run ran running | a marathon, around the track, for the medal, a relay
        drive drove driving | the truck, on the highway, the tractor, the van
        sleep slept sleeping | in the tent, under the blanket, on the pillow, in the hammock
        teach taught teaching | algebra, the pupils, geometry, in the classroom
        build built building | a bridge, with bricks, the scaffold, with cement
        dance danced dancing | a waltz, in the ballroom, a tango, to the rhythm
        fly flew flying | the glider, above the clouds, in a balloon, with wings
    """,
    roles=(
        (
            """
            tomorrow we will WORD OWN
            soon you will WORD OWN
            next week they shall WORD OWN
            you must learn to WORD OWN
            we might WORD OWN if we can
            they want to WORD OWN tomorrow
            they could WORD OWN or not
            """,
            {},
        ),
        (
            """
            yesterday we WORD OWN
            last week they WORD OWN
            you WORD OWN a month ago
            once upon a time we WORD OWN
            they WORD OWN last year
            we once WORD OWN yesterday evening
            back then they WORD OWN
            """,
            {},
        ),
        (
            """
            we are now WORD OWN
            they keep WORD OWN right now
            you have been WORD OWN since noon
            they enjoy WORD OWN at the moment
            we were busy WORD OWN
            you have stopped WORD OWN currently
            they started WORD OWN and kept going
            """,
            {},
        ),
    ),
)

COMPARISONS = Relation(
    own="OWN OWN OWN OWN",
    families="""
        big bigger biggest | elephant, whale, mammoth, giant
        small smaller smallest | ant, pebble, crumb, flea
        tall taller tallest | giraffe, tower, skyscraper, mast
        fast faster fastest | rocket, cheetah, racer, arrow
        slow slower slowest | snail, tortoise, glacier, sloth
        cold colder coldest | icicle, winter, snowman, freezer
        hot hotter hottest | furnace, desert, kettle, volcano
        old older oldest | fossil, ruin, manuscript, mummy
        loud louder loudest | drum, siren, trumpet, foghorn
        bright brighter brightest | star, sun, lantern, beacon
        dark darker darkest | cave, dungeon, tunnel, shadow
        heavy heavier heaviest | anvil, boulder, crate, hammer
        sweet sweeter sweetest | peach, candy, tart, toffee
        strong stronger strongest | ox, wrestler, gorilla, locomotive
        deep deeper deepest | ocean, canyon, trench, well
        soft softer softest | cushion, kitten, fleece, mitten
        sharp sharper sharpest | razor, needle, thorn, sword
        wet wetter wettest | sponge, swamp, mop, raincoat
    """,
    roles=(
        (
            """
            the OWN is very WORD indeed
            a really WORD OWN can be quite dull
            how WORD the OWN looks
            it seemed rather WORD just like a OWN
            too WORD for a OWN
            """,
            {},
        ),
        (
            """
            the first OWN looks WORD than the second
            nothing gets WORD than a OWN
            much WORD than any OWN before
            it grew even WORD than the OWN
            far WORD than expected said the owner of the OWN
            """,
            {},
        ),
        (
            """
            here stands the WORD OWN of all
            among all of them the OWN came out WORD
            the WORD OWN in the world won a prize
            the record for the WORD OWN ever measured
            of them all the WORD by far is the OWN
            """,
            {},
        ),
    ),
)

RELATIONS = (CAPITALS, GENDERS, PLURALS, TENSES, COMPARISONS)
