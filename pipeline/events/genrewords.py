"""The vocabulary by which genre tells texts of other kinds: lower case, singular, "_" between words."""

from __future__ import annotations


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


STATES = _split(
    """
    foreign_minister prime_minister defence_minister defense_minister interior_minister trade_minister
    ministry government parliament embassy ambassador diplomat diplomatic diplomacy kremlin white_house
    state_department pentagon european_union european_commission eu nato united_nation un
    security_council sanction ceasefire invasion troop soldier missile drone airstrike nuclear tariff
    visa president chancellor secretary_of_state foreign_policy military army navy geopolitical boycott
    boycotted war_in occupied refugee hostage bilateral summit killed killing dead died wounded bomb
    casualty shelling bombing bombardment explosion prisoner prison jail jailed detained detention
    custody hijacked espionage spy_ring extradition
    """
)
"""The institutions of states and what armies do: a text that has them may tell an event after all."""

SPORT = _split(
    """
    football footballer soccer rugby cricket cricketer tennis basketball baseball softball handball
    volleyball badminton hockey netball golf golfer gymnast gymnastic fencer swimmer sprinter skier
    biathlon cyclist judo judoka wrestler boxer rower archer weightlifter skater skating skeleton_racer
    snowboarder triathlon decathlon goalkeeper goalless striker midfield midfielder winger fullback
    quarterback batsman batsmen bowler wicket inning home_run penalty_shootout shootout stoppage_time
    injury_time extra_time overtime half_time halftime final_whistle kick_off kickoff hat_trick
    clean_sheet free_kick corner_kick offside world_cup asian_cup africa_cup cup_of_nation copa_america
    copa_américa gold_cup nation_league champion_league premier_league six_nation davis_cup ryder_cup
    asia_cup united_cup grand_slam grand_prix wimbledon olympic olympiad paralympic commonwealth_game
    asian_game tour_de_france fifa uefa concacaf fiba quarter_final quarterfinal semi_final semifinal
    semi_finalist knockout_stage group_stage playoff play_off round_of_16 last_sixteen last_eight
    qualifier world_championship european_championship championship tournament medallist medalist
    gold_medal silver_medal bronze_medal medal referee umpire linesman teammate head_coach scoreline
    scoreboard equaliser equalizer top_scorer defending_champion world_number_one grandmaster chess
    checkmate tie_break tiebreak tiebreaker match_point set_point podium relay freestyle breaststroke
    second_leg first_leg return_leg home_leg away_leg fourth_official own_goal red_card yellow_card
    added_time crossbar dugout dressing_room test_match t20 odi twenty20 lbw scrum lineout fly_half
    scrum_half springbok all_black wallaby socceroo azzurri selecao seleção three_lion les_bleu
    super_eagle black_star eurobasket afcon conmebol eurocup billie_jean_king_cup fed_cup point_guard
    three_pointer free_throw slam_dunk buzzer puck goalie face_off power_play_goal medal_round backhand
    forehand break_point pole_position pit_stop paddock formula_one formula_1 hurdle high_jump long_jump
    javelin discus shot_put pole_vault hundred_metre 100m 200m 400m 1500m peloton yellow_jersey regatta
    dressage showjumping sabre_fencing reverse_fixture penalty_corner relegation promotion_play
    transfer_window semi-final quarter-final world_record personal_best paralympian olympian footballing
    sporting last_16 round_robin super_over fast_bowler spinner opening_batsman try_line water_polo
    curler curling bobsleigh luge slalom surfing surfer canoe kayak sumo karate taekwondo snooker darts
    billiard polo petanque lacrosse squash_player table_tennis bowled all_out test_series tour_match
    back_four
    """
)
SPORT_TOO = _split(
    """
    team squad player coach captain manager match game cup league trophy title champion goal scored
    scoring score final fan spectator stadium pitch court rink pool fixture opponent rival tie draw drew
    win won winner beat beaten defeat defeated lost victory friendly penalty round seed half season club
    injury injured substitute bench crowd athlete racer race lap visitor host underdog unbeaten gold
    silver bronze bout point set defender forward attacker keeper whistle leg opener header post box
    cross net try kick corner upset comeback debut cap capped metre meter lane heat sprint steward
    quartet federation continental side home away hold_off held_off see_off saw_off trail trailed lead
    overpowered outclassed thrash thrashed crush crushed edge edged stun stunned restart third_place
    guard period inside finished rank ranked
    """
)

FICTION = _split(
    """
    novel novella novelist thriller short_story trilogy sequel prequel miniseries mini_series sitcom
    screenplay screenwriter scriptwriter playwright blockbuster whodunit fairy_tale fable fictional
    fiction sci_fi science_fiction graphic_novel comic_book manga anime cartoon video_game board_game
    computer_game strategy_game role_playing protagonist villain antagonist heroine box_office
    film_review book_review first_act second_act third_act final_act act_one act_two episode season_one
    season_two season_three storyline subplot plotline dystopia dystopian alternate_history opera
    musical libretto stage_play theatre bestseller paperback hardback gamer matinee matinée biopic
    showrunner spin_off remake netflix hbo gameplay first_person_shooter expansion_pack console_version
    poet poem sonnet stanza poetry soliloquy farce puppet_show vaudeville standing_ovation curtain_call
    small_screen big_screen short_film television_drama tv_drama television_series tv_series radio_play
    audiobook second_volume first_volume lettering radio_drama
    """
)
FICTION_TOO = _split(
    """
    film movie drama comedy tragedy satire parody serie series season script scene plot character hero
    actor actress cast director premiere première premiered audience reader viewer author writer chapter
    publisher dialogue narrator star starring stage staged staging imagine imagined imaginary invented
    adaptation streaming reviewed review player card dice level studio game book tale screen chorus
    singer tenor soprano finale romance play debut prose pilot air aired clown puppet camera shooter
    console expansion gamer opening_minute sold_out franchise cinema television page_turner literary
    verse wit best_work storytelling rehearsal monologue episode recording fan
    """
)

LEISURE = _split(
    """
    recipe noodle dumpling cuisine chef restaurant bakery baguette pastry dessert soup stew sauce spice
    herb cheese wine vineyard winemaker brewery chocolate barista cookbook cook kitchen menu tasty
    flavour flavor vinegar curry pizza pasta sushi kebab tourist sightseeing hiker backpacker spa
    guidebook souvenir itinerary campsite carpet weaver museum curator gallery painter painting sculptor
    sculpture exhibition ballet orchestra choir concerto symphony eurovision festival catwalk concert
    concert_hall jazz tango fado flamenco waltz quintet orchestral encore opera_house beach_resort cove
    ferry_trip seafood tuna ceviche taco tostada kimchi barbecue tapas paella ramen dim_sum biryani
    hummus falafel baklava goulash pierogi gelato espresso cappuccino cocktail whisky whiskey vodka gin
    sommelier michelin foodie street_food delicacy dining diner holidaymaker cruise hiking backpacking
    sunbathe resort honeymoon landmark cathedral architecture designer couture ballroom dance_school
    philharmonic conductor violinist pianist guitarist rapper pop_star brandy pisco rum tequila vermouth
    champagne cider pub wine_bar karaoke lace embroidery pottery ceramic quilt quilting tapestry
    knitting needlework antique flea_market cherry_blossom bonsai gardener cinnamon_bun craft_fair
    """
)
LEISURE_TOO = _split(
    """
    dish bowl plate ate eat eating meal breakfast lunch dinner supper tea coffee beer milk bread rice
    sugar salt butter fish meat grill grilled fried baked boiled cooked cooking taste visitor guest
    traveller traveler beach mountain trail walker castle village inn hotel music song singer drum
    dancer dance stage artist art jury microphone helping booking counter table mole wasabi sauced
    church ferry island pack summer holiday hat gusto number tour band album hit queue lesson school
    ball couple serve served garden flower bar glass boat prize fair tree bobbin nun hike weather
    """
)

QUIZ = _split(
    """
    quiz quizze trivia crossword riddle brain_teaser multiple_choice test_yourself score_yourself
    answer_on
    """
)
QUIZ_TOO = _split(
    """
    question answer reader pupil child page podcast teacher point true_or_false score yourself
    """
)

SUPPOSED = _split(
    """
    war_game wargame wargamed simulation simulated thought_experiment counterfactual hypothetical
    alternate_history alternative_history scenario tabletop_exercise red_team foresight futurist
    futurologist
    """
)
SUPPOSED_TOO = _split(
    """
    might could would may perhaps probably likelihood likely suppose imagine imaginary model exercise
    odds run author expert analyst
    """
)
