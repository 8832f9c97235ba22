"""Nouns and names with all their forms written out: nothing is guessed from endings.

Categories: p person, k relative, c child, a animal, t thing, o thing that opens, w something written or told,
f food that is counted, m food that is measured, d drink (measured), q other measured goods, l place; and u for words
to which a possessive would give another meaning (`ma femme` is my wife).
Places say which prepositions suit them: i "in", a "at" and "to".
"""

from __future__ import annotations

__all__ = ["COUNTED", "MEASURED", "NAMES"]

# English singular, English plural | French singular, French plural, gender | categories | prepositions of a place
COUNTED = """
man men | homme hommes m | pu
woman women | femme femmes f | pu
teacher teachers | professeur professeurs m | p
doctor doctors | médecin médecins m | p
neighbor neighbors | voisin voisins m | p
friend friends | ami amis m | p
student students | étudiant étudiants m | p
singer singers | chanteur chanteurs m | p
king kings | roi rois m | p
queen queens | reine reines f | p
actress actresses | actrice actrices f | p
nurse nurses | infirmière infirmières f | p
baker bakers | boulanger boulangers m | p
farmer farmers | fermier fermiers m | p
hero heroes | héros héros m | p
princess princesses | princesse princesses f | p
boy boys | garçon garçons m | cu
girl girls | fille filles f | cu
child children | enfant enfants m | c
baby babies | bébé bébés m | c
brother brothers | frère frères m | k
sister sisters | sœur sœurs f | k
mother mothers | mère mères f | k
father fathers | père pères m | k
uncle uncles | oncle oncles m | k
aunt aunts | tante tantes f | k
son sons | fils fils m | k
cat cats | chat chats m | a
dog dogs | chien chiens m | a
horse horses | cheval chevaux m | a
bird birds | oiseau oiseaux m | a
cow cows | vache vaches f | a
mouse mice | souris souris f | a
rabbit rabbits | lapin lapins m | a
owl owls | hibou hiboux m | a
bee bees | abeille abeilles f | a
donkey donkeys | âne ânes m | a
bear bears | ours ours m | a
wolf wolves | loup loups m | a
book books | livre livres m | tow
letter letters | lettre lettres f | tow
story stories | histoire histoires f | w
table tables | table tables f | t
chair chairs | chaise chaises f | t
car cars | voiture voitures f | to
key keys | clé clés f | t
hat hats | chapeau chapeaux m | t
boat boats | bateau bateaux m | t
newspaper newspapers | journal journaux m | to
knife knives | couteau couteaux m | t
umbrella umbrellas | parapluie parapluies m | to
dress dresses | robe robes f | t
coat coats | manteau manteaux m | t
bag bags | sac sacs m | to
clock clocks | horloge horloges f | t
box boxes | boîte boîtes f | to
tree trees | arbre arbres m | t
flower flowers | fleur fleurs f | t
window windows | fenêtre fenêtres f | to
door doors | porte portes f | to
gift gifts | cadeau cadeaux m | to
lamp lamps | lampe lampes f | t
tool tools | outil outils m | t
apple apples | pomme pommes f | f
egg eggs | œuf œufs m | f
cake cakes | gâteau gâteaux m | f
banana bananas | banane bananes f | f
tomato tomatoes | tomate tomates f | f
carrot carrots | carotte carottes f | f
onion onions | oignon oignons m | f
pear pears | poire poires f | f
pineapple pineapples | ananas ananas m | f
house houses | maison maisons f | l | i
garden gardens | jardin jardins m | l | i
kitchen kitchens | cuisine cuisines f | l | i
forest forests | forêt forêts f | l | i
castle castles | château châteaux m | l | i
park parks | parc parcs m | l | i
village villages | village villages m | l | i
school schools | école écoles f | l | a
market markets | marché marchés m | l | a
hotel hotels | hôtel hôtels m | l | a
hospital hospitals | hôpital hôpitaux m | l | a
church churches | église églises f | l | a
restaurant restaurants | restaurant restaurants m | l | a
museum museums | musée musées m | l | a
beach beaches | plage plages f | l | a
station stations | gare gares f | l | a
library libraries | bibliothèque bibliothèques f | l | a
"""

# English | French, gender | categories
MEASURED = """
water | eau f | d
wine | vin m | d
milk | lait m | d
coffee | café m | d
tea | thé m | d
soup | soupe f | m
bread | pain m | m
cheese | fromage m | m
meat | viande f | m
butter | beurre m | m
rice | riz m | m
oil | huile f | q
"""

# English | French, gender
NAMES = """
Paul | Paul m
Peter | Pierre m
John | Jean m
Mary | Marie f
Anna | Anna f
Alice | Alice f
"""
