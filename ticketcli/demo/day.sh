# Le téléphone sonne : Mme Noël conteste une facture. Urgent, pour Paul, Zoé en copie.
ticketcli new "Facture contestée" -p durand --contact noël -O appel -P élevée -c comptable -t paul --cc zoe -d demain -n "Deux fois le même bon de livraison."

# Un courrier, un mail, et une affaire entre nous.
ticketcli new "Imprimante de l'atelier en panne" -p durand --contact roux -O mail -c technique -d vendredi
ticketcli new "Livraison incomplète" -p martin -O courrier -c commercial --at "hier 09:30"
ticketcli new "Commander du papier à en-tête" -t zoe -P basse

# Un script peut se répéter sans dommage : la même clé rend le même ticket.
ticketcli new "Demande de tarif" -p acme -O mail -c commercial --key mail-2041
ticketcli new "Demande de tarif" -p acme -O mail -c commercial --key mail-2041

# Les suivis : qui a fait quoi, et le ticket qui change de mains.
ticketcli follow 1 "Rappelé Mme Noël : avoir promis pour demain." -O appel --as paul
ticketcli follow 2 "Pièce commandée, pose par Zoé." -O mail --to zoe --due +3d

# Les quatre onglets.
ticketcli tabs
ticketcli list
ticketcli list --tab tous-les-ouverts
ticketcli close 3 --note "Le complément est arrivé."
ticketcli list --tab mes-fermés
ticketcli list --tab tous-les-fermés

# Retrouver : sans accents, par partenaire, par ce qui reste à faire.
ticketcli search livraison
ticketcli search facture OR papier
ticketcli partner show durand
ticketcli list --to zoe -o ids | ticketcli edit - --priority élevée
ticketcli show 1

# Et pour les programmes : du JSON, le même dans toutes les langues.
ticketcli list --tab all-open --json --fields id,label,partner,due | python3 -m json.tool --no-ensure-ascii
