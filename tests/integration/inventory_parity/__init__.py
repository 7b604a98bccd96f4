"""Our inventory beside nb_inventory's, option by option, on an estate that has one of everything."""
