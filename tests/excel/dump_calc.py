"""Run by the Python that has LibreOffice's `uno`: what cells show, and what the wizard says.

usage: dump_calc.py PORT OUTPUT.json WORKBOOK...

Connects to a LibreOffice that listens on PORT, calculates each workbook anew and writes for each
sheet its rows of values (an error as {"error": number}) and formulas; and the functions that the
Function Wizard lists, with their arguments. Then it ends that LibreOffice.
"""

import json
import sys
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def connect(port):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    address = f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext"
    for _ in range(300):
        try:
            return resolver.resolve(address)
        except NoConnectException:
            time.sleep(0.2)
    sys.exit(f"LibreOffice did not answer on port {port}")


def wizard(context):
    manager = context.ServiceManager
    listed = manager.createInstanceWithContext("com.sun.star.sheet.FunctionDescriptions", context)
    found = {}
    for position in range(listed.Count):
        said = {each.Name: each.Value for each in listed.getByIndex(position)}
        if said["Name"].startswith("XLC."):
            arguments = [
                [one.Name, one.Description, one.IsOptional] for one in said["Arguments"] or ()
            ]
            found[said["Name"]] = [said["Description"], arguments]
    return found


def sheets(document):
    document.calculateAll()
    return {name: cells(document.Sheets.getByName(name)) for name in document.Sheets.ElementNames}


def cells(sheet):
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    area = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    formulas = area.getFormulaArray()
    values = [
        [
            shown(sheet, row, column, value) if formulas[row][column] != "" else None
            for column, value in enumerate(line)
        ]
        for row, line in enumerate(area.getDataArray())
    ]
    return {"values": values, "formulas": [list(line) for line in formulas]}


def shown(sheet, row, column, value):
    if value is None:
        return {"error": sheet.getCellByPosition(column, row).getError()}
    return value


def main(port, output, *paths):
    context = connect(port)
    manager = context.ServiceManager
    desktop = manager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    found = {"books": {}}
    try:
        for path in paths:
            hidden = PropertyValue("Hidden", 0, True, 0)
            url = uno.systemPathToFileUrl(path)
            document = desktop.loadComponentFromURL(url, "_blank", 0, (hidden,))
            found["books"][path] = sheets(document)
            document.close(True)
        # After the functions have run: what the wizard says must outlive their being loaded.
        found["wizard"] = wizard(context)
        Path(output).write_text(json.dumps(found), encoding="utf-8")
    finally:
        desktop.terminate()


main(*sys.argv[1:])
