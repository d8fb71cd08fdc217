from directory.imports.command import ImportCommand
from directory.imports.rpps import RppsImport


class Command(ImportCommand):
    help = "Importe un extrait texte du RPPS (PS_LibreAcces_Personne_activite)."
    importer = RppsImport
    path_help = "le fichier, par exemple PS_LibreAcces_Personne_activite_202609140731.txt"
