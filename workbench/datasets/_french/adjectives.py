"""Adjectives with all their forms, and where each stands. No form is guessed from another.

The categories are those of the nouns. They keep pairs apart whose meaning the position would change (`un grand homme`
is a great man, `une vieille fille` is not an old girl, `un petit ami` is not a small friend).
"""

from __future__ import annotations

__all__ = ["ADJECTIVES"]

# English | masculine, feminine, masculine plural, feminine plural[, masculine before a vowel] |
# before or after the noun | categories it describes next to the noun | categories it describes after "to be"
ADJECTIVES = """
big | grand grande grands grandes | before | atl | atl
small | petit petite petits petites | before | atfl | catfl
beautiful | beau belle beaux belles bel | before | atl | pckatl
new | nouveau nouvelle nouveaux nouvelles nouvel | before | tl |
old | vieux vieille vieux vieilles vieil | before | atl | pkatl
good | bon bonne bons bonnes | before | f | fmd
bad | mauvais mauvaise mauvais mauvaises | before | f | fmd
pretty | joli jolie jolis jolies | before | tl | tl
young | jeune jeune jeunes jeunes | before | pa | pcka
red | rouge rouge rouges rouges | after | tf | tf
black | noir noire noirs noires | after | at | at
white | blanc blanche blancs blanches | after | at | at
green | vert verte verts vertes | after | tf | tf
blue | bleu bleue bleus bleues | after | t | t
yellow | jaune jaune jaunes jaunes | after | tf | tf
gray | gris grise gris grises | after | at | at
brown | marron marron marron marron | after | at | at
heavy | lourd lourde lourds lourdes | after | t | t
expensive | cher chère chers chères | after | t | tfmdq
dry | sec sèche secs sèches | after | t | tm
cold | froid froide froids froides | after | d | md
hot | chaud chaude chauds chaudes | after | d | md
fresh | frais fraîche frais fraîches | after | fm | fm
quiet | calme calme calmes calmes | after | pcl | pckal
dangerous | dangereux dangereuse dangereux dangereuses | after | al | al
happy | heureux heureuse heureux heureuses | after | pc | pck
sad | triste triste tristes tristes | after | pcw | pckw
tired | fatigué fatiguée fatigués fatiguées | after | pca | pcka
sick | malade malade malades malades | after | pca | pcka
rich | riche riche riches riches | after | p | pk
strong | fort forte forts fortes | after | pa | pcka
weak | faible faible faibles faibles | after | p | pcka
clever | intelligent intelligente intelligents intelligentes | after | pca | pcka
funny | drôle drôle drôles drôles | after | pcw | pckaw
curious | curieux curieuse curieux curieuses | after | pca | pcka
proud | fier fière fiers fières | after | p | pck
free | libre libre libres libres | after | | pka
nice | gentil gentille gentils gentilles | after | pca | pcka
slow | lent lente lents lentes | after | a | pcka
fast | rapide rapide rapides rapides | after | a | pcka
jealous | jaloux jalouse jaloux jalouses | after | p | pck
lazy | paresseux paresseuse paresseux paresseuses | after | pca | pcka
serious | sérieux sérieuse sérieux sérieuses | after | p | pck
French | français française français françaises | after | pwmdq | p
Italian | italien italienne italiens italiennes | after | pwmdq | p
empty | vide vide vides vides | after | l | l
"""
