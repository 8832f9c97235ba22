"""Verbs with their irregular forms written out.

Future and imperfect have regular endings on a stem, so the stem stands here; the agreement of participles is regular too
(e, s, es; no s after s). A verb with an imperfect stem is stative: English simple past "knew" is then French imperfect
`connaissait`; all others take the compound past (`a mangé`, `est parti`).
"""

from __future__ import annotations

__all__ = ["AUXILIARIES", "INTRANSITIVE", "SAYING", "TRANSITIVE"]

# English base, third person, past (a particle follows after +) | present: je, il, nous, vous, ils | future stem |
# participle | who can do it | to what | flags: pronoun = takes me, him, us ... ; definite = no "a", "some" |
# imperfect stem of a stative verb
TRANSITIVE = """
eat eats ate | mange mange mangeons mangez mangent | manger | mangé | pcka | fm
drink drinks drank | bois boit buvons buvez boivent | boir | bu | pcka | d
see sees saw | vois voit voyons voyez voient | verr | vu | pcka | pckatl | pronoun
hear hears heard | entends entend entendons entendez entendent | entendr | entendu | pcka | pcka | pronoun
love loves loved | aime aime aimons aimez aiment | aimer | aimé | pck | pckatfmdl | pronoun definite | aim
want wants wanted | veux veut voulons voulez veulent | voudr | voulu | pck | tfmdq | | voul
have has had | ai a avons avez ont | aur | eu | pck | at | | av
buy buys bought | achète achète achetons achetez achètent | achèter | acheté | pck | tfmdq
find finds found | trouve trouve trouvons trouvez trouvent | trouver | trouvé | pcka | pckat | pronoun
lose loses lost | perds perd perdons perdez perdent | perdr | perdu | pck | t
take takes took | prends prend prenons prenez prennent | prendr | pris | pck | tf
choose chooses chose | choisis choisit choisissons choisissez choisissent | choisir | choisi | pck | tfl
draw draws drew | dessine dessine dessinons dessinez dessinent | dessiner | dessiné | pck | at
sell sells sold | vends vend vendons vendez vendent | vendr | vendu | pck | tfmdq
know knows knew | connais connaît connaissons connaissez connaissent | connaîtr | connu | pck | pckl | pronoun | connaiss
open opens opened | ouvre ouvre ouvrons ouvrez ouvrent | ouvrir | ouvert | pck | o
wash washes washed | lave lave lavons lavez lavent | laver | lavé | pck | ca | pronoun
carry carries carried | porte porte portons portez portent | porter | porté | pck | ca | pronoun
follow follows followed | suis suit suivons suivez suivent | suivr | suivi | pcka | pcka | pronoun
write writes wrote | écris écrit écrivons écrivez écrivent | écrir | écrit | pck | w
understand understands understood | comprends comprend comprenons comprenez comprennent | comprendr | compris | pck | pckw
help helps helped | aide aide aidons aidez aident | aider | aidé | pck | pck | pronoun
call calls called | appelle appelle appelons appelez appellent | appeller | appelé | pck | pcka | pronoun
invite invites invited | invite invite invitons invitez invitent | inviter | invité | pck | pck | pronoun
thank thanks thanked | remercie remercie remercions remerciez remercient | remercier | remercié | pck | pk | pronoun
look+at looks+at looked+at | regarde regarde regardons regardez regardent | regarder | regardé | pcka | pckatl | pronoun
look+for looks+for looked+for | cherche cherche cherchons cherchez cherchent | chercher | cherché | pcka | pckat | pronoun
wait+for waits+for waited+for | attends attend attendons attendez attendent | attendr | attendu | pck | pck | pronoun
listen+to listens+to listened+to | écoute écoute écoutons écoutez écoutent | écouter | écouté | pck | pck | pronoun
paint paints painted | peins peint peignons peignez peignent | peindr | peint | pck | tl
break breaks broke | casse casse cassons cassez cassent | casser | cassé | pcka | t
hide hides hid | cache cache cachons cachez cachent | cacher | caché | pck | t
visit visits visited | visite visite visitons visitez visitent | visiter | visité | pck | l
"""

# English forms | present | future stem | participle | auxiliary | who | where to: in, to, from or nothing |
# imperfect stem of a stative verb
INTRANSITIVE = """
sleep sleeps slept | dors dort dormons dormez dorment | dormir | dormi | avoir | pcka | in
work works worked | travaille travaille travaillons travaillez travaillent | travailler | travaillé | avoir | pk | in
sing sings sang | chante chante chantons chantez chantent | chanter | chanté | avoir | pck | in
dance dances danced | danse danse dansons dansez dansent | danser | dansé | avoir | pck | in
laugh laughs laughed | ris rit rions riez rient | rir | ri | avoir | pck |
cry cries cried | pleure pleure pleurons pleurez pleurent | pleurer | pleuré | avoir | pck |
run runs ran | cours court courons courez courent | courr | couru | avoir | pcka | in
swim swims swam | nage nage nageons nagez nagent | nager | nagé | avoir | pcka |
speak speaks spoke | parle parle parlons parlez parlent | parler | parlé | avoir | pck |
smile smiles smiled | souris sourit sourions souriez sourient | sourir | souri | avoir | pck |
walk walks walked | marche marche marchons marchez marchent | marcher | marché | avoir | pcka | in
travel travels traveled | voyage voyage voyageons voyagez voyagent | voyager | voyagé | avoir | pk |
dream dreams dreamed | rêve rêve rêvons rêvez rêvent | rêver | rêvé | avoir | pck |
play plays played | joue joue jouons jouez jouent | jouer | joué | avoir | pcka | in
live lives lived | habite habite habitons habitez habitent | habiter | habité | avoir | pck | must | habit
leave leaves left | pars part partons partez partent | partir | parti | être | pcka |
arrive arrives arrived | arrive arrive arrivons arrivez arrivent | arriver | arrivé | être | pcka | at
fall falls fell | tombe tombe tombons tombez tombent | tomber | tombé | être | pcka | in
come comes came | viens vient venons venez viennent | viendr | venu | être | pcka | from
come+back comes+back came+back | reviens revient revenons revenez reviennent | reviendr | revenu | être | pcka |
go+out goes+out went+out | sors sort sortons sortez sortent | sortir | sorti | être | pcka |
go goes went | vais va allons allez vont | ir | allé | être | pcka | to
stay stays stayed | reste reste restons restez restent | rester | resté | être | pcka | in
"""

# English forms | present | the tense of what is said: any or future
SAYING = """
think thinks | pense pense pensons pensez pensent | any
say says | dis dit disons dites disent | any
believe believes | crois croit croyons croyez croient | any
know knows | sais sait savons savez savent | any
hope hopes | espère espère espérons espérez espèrent | future
"""

# French infinitive | present: je, il, nous, vous, ils | future stem | imperfect stem
AUXILIARIES = """
avoir | ai a avons avez ont | aur | av
être | suis est sommes êtes sont | ser | ét
"""
