using System.Text;

namespace Parley.Client.Transfer.Paths;

/// <summary>Normalization Form C of Unicode (UAX #15): one spelling for names that look the same. The runtime's own does nothing without ICU, which this program does not load.</summary>
/// <remarks>
/// <c>nfc.bin</c>, big endian: counts of the two tables (2, 2); decompositions (9 each): code point, its highest bit set where the pair also composes; first; second, 0 for none (3 each);
/// combining classes (7 each): first and last code point (3 each), class (1). From Unicode 14.
/// </remarks>
internal static class Nfc
{
    private const int HangulFirst = 0xAC00;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TrailBefore = 0x11A7;
    private const int Leads = 19;
    private const int Vowels = 21;
    private const int Trails = 28;
    private const int ComposesBit = 0x800000;

    private static readonly Lazy<Tables> _tables = new(Load);

    /// <summary>The normal form of a text.</summary>
    public static string Of(string text)
    {
        if (IsPlain(text))
        {
            return text;
        }

        var tables = _tables.Value;
        var points = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, tables, points);
        }

        Order(points, tables);
        Compose(points, tables);
        var result = new StringBuilder(text.Length);
        foreach (var point in points)
        {
            result.Append(char.ConvertFromUtf32(point));
        }

        return result.ToString();
    }

    // Nothing below U+0300 changes.
    private static bool IsPlain(string text)
    {
        foreach (var character in text)
        {
            if (character >= 0x300)
            {
                return false;
            }
        }

        return true;
    }

    private static void Decompose(int point, Tables tables, List<int> output)
    {
        var syllable = point - HangulFirst;
        if (syllable is >= 0 and < Leads * Vowels * Trails)
        {
            output.Add(LeadFirst + (syllable / (Vowels * Trails)));
            output.Add(VowelFirst + (syllable % (Vowels * Trails) / Trails));
            if (syllable % Trails != 0)
            {
                output.Add(TrailBefore + (syllable % Trails));
            }
        }
        else if (tables.Decompositions.TryGetValue(point, out var pair))
        {
            Decompose(pair.First, tables, output);
            if (pair.Second != 0)
            {
                Decompose(pair.Second, tables, output);
            }
        }
        else
        {
            output.Add(point);
        }
    }

    // A stable sort of each run of combining marks by their class.
    private static void Order(List<int> points, Tables tables)
    {
        for (var index = 1; index < points.Count; index++)
        {
            var point = points[index];
            var rank = tables.ClassOf(point);
            var at = index;
            while (rank != 0 && at > 0 && tables.ClassOf(points[at - 1]) > rank)
            {
                points[at] = points[at - 1];
                at--;
            }

            points[at] = point;
        }
    }

    private static void Compose(List<int> points, Tables tables)
    {
        var starter = -1;
        var lastRank = 0;
        var kept = 0;
        for (var index = 0; index < points.Count; index++)
        {
            var point = points[index];
            var rank = tables.ClassOf(point);
            var isBlocked = starter < 0 || (kept - 1 != starter && lastRank >= rank);
            if (!isBlocked && Pair(points[starter], point, tables) is { } composed)
            {
                points[starter] = composed;
                continue;
            }

            if (rank == 0)
            {
                starter = kept;
            }

            lastRank = rank;
            points[kept++] = point;
        }

        points.RemoveRange(kept, points.Count - kept);
    }

    private static int? Pair(int first, int second, Tables tables)
    {
        var lead = first - LeadFirst;
        var vowel = second - VowelFirst;
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
        {
            return HangulFirst + (((lead * Vowels) + vowel) * Trails);
        }

        var syllable = first - HangulFirst;
        var trail = second - TrailBefore;
        if (syllable is >= 0 and < Leads * Vowels * Trails && syllable % Trails == 0 && trail is > 0 and < Trails)
        {
            return first + trail;
        }

        return tables.Compositions.TryGetValue(((long)first << 32) | (uint)second, out var composed) ? composed : null;
    }

    private static Tables Load()
    {
        using var stream = typeof(Nfc).Assembly.GetManifestResourceStream("nfc.bin") ?? throw new InvalidOperationException("The table of normal forms is not in the program.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new Tables(bytes);
    }

    private sealed class Tables
    {
        private readonly int[] _firsts;
        private readonly int[] _lasts;
        private readonly byte[] _classes;

        public Tables(ReadOnlySpan<byte> bytes)
        {
            var pairs = (bytes[0] << 8) | bytes[1];
            var ranges = (bytes[2] << 8) | bytes[3];
            var at = 4;
            for (var index = 0; index < pairs; index++, at += 9)
            {
                var (point, first, second) = (Read(bytes, at), Read(bytes, at + 3), Read(bytes, at + 6));
                Decompositions[point & ~ComposesBit] = (first, second);
                if ((point & ComposesBit) != 0)
                {
                    Compositions[((long)first << 32) | (uint)second] = point & ~ComposesBit;
                }
            }

            (_firsts, _lasts, _classes) = (new int[ranges], new int[ranges], new byte[ranges]);
            for (var index = 0; index < ranges; index++, at += 7)
            {
                (_firsts[index], _lasts[index], _classes[index]) = (Read(bytes, at), Read(bytes, at + 3), bytes[at + 6]);
            }
        }

        public Dictionary<int, (int First, int Second)> Decompositions { get; } = [];

        public Dictionary<long, int> Compositions { get; } = [];

        public int ClassOf(int point)
        {
            if (point < 0x300)
            {
                return 0;
            }

            var at = Array.BinarySearch(_firsts, point);
            at = at >= 0 ? at : ~at - 1;
            return at >= 0 && point <= _lasts[at] ? _classes[at] : 0;
        }

        private static int Read(ReadOnlySpan<byte> bytes, int at) => (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
    }
}
