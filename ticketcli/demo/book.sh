# Les collaborateurs. Anna est au clavier : la première écriture l'inscrit dans le cahier.
ticketcli user add paul --name "Paul Martin" --email paul@exemple.fr --language fr
ticketcli user add zoe --name "Zoé Petit" --email zoe@exemple.fr
ticketcli user edit anna --name "Anna Keller"
ticketcli user list

# Les partenaires et leurs interlocuteurs.
ticketcli partner add DURAND --type client --name "Établissements Durand" --phone "03 87 55 01 02"
ticketcli partner contact add DURAND "Mme Noël" --role Comptabilité --phone "03 87 55 01 10"
ticketcli partner contact add DURAND "M. Roux" --role Atelier --email roux@durand.example
ticketcli partner add MARTIN --type fournisseur --name "Martin & Fils" --phone "03 29 31 40 00"
ticketcli partner contact add MARTIN "Mlle Œuvrard" --role Expéditions
ticketcli partner add ACME --type prospect --name "Acmé Europe" --email contact@acme.example
ticketcli partner list

