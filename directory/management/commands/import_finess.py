from directory.imports.command import ImportCommand
from directory.imports.finess import FinessImport


class Command(ImportCommand):
    help = "Importe un fichier FINESS d’établissements (extraction CSV, avec ou sans géolocalisation)."
    importer = FinessImport
    path_help = "le fichier, par exemple etalab-cs1100507-stock-20260512-0337.csv"
