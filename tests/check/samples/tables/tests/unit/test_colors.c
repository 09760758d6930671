// walks no table
