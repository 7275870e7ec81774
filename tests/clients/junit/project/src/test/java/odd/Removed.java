package odd;

class Removed {}
