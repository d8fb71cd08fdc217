from directory.imports.command import ImportCommand
from directory.imports.ror import RorImport


class Command(ImportCommand):
    help = "Importe des ressources FHIR R4 du ROR : une ressource, un Bundle ou un dossier, en JSON."
    importer = RorImport
    path_help = "le fichier ou le dossier"
