using System.Globalization;

namespace Parley.Testing;

/// <summary>Runs a check over many generated inputs; a failure names the seed that makes the same input again.</summary>
public static class Fuzz
{
    /// <summary>Inputs per parser and run: 10,000, or as many as <c>PARLEY_FUZZ</c> says (<c>./test --quick</c>).</summary>
    public static int Count { get; } = int.TryParse(Environment.GetEnvironmentVariable("PARLEY_FUZZ"), CultureInfo.InvariantCulture, out var count) && count > 0 ? count : 10_000;

    /// <summary>Runs the body once per input.</summary>
    /// <param name="seed">Start of the series; input number n is made from seed + n.</param>
    /// <param name="count">How many inputs.</param>
    /// <param name="generator">Makes one input.</param>
    /// <param name="body">Throws when the code under test does something wrong with it.</param>
    /// <exception cref="InvalidOperationException">Names the one seed to run again, around the body's own failure.</exception>
    public static void Run<T>(int seed, int count, Func<Random, T> generator, Action<T> body)
    {
        for (var number = 0; number < count; number++)
        {
            var one = unchecked(seed + number);
            try
            {
                body(generator(new Random(one)));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Input {number} failed: Fuzz.Run({one}, 1, ...) repeats it. {exception.Message}", exception);
            }
        }
    }

    /// <summary>Random bytes: length 0 to the limit.</summary>
    public static byte[] Bytes(Random random, int maxLength)
    {
        var bytes = new byte[random.Next(maxLength + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A copy of good bytes with one to four changes: a byte replaced, cut out, doubled, or the end lost. Finds more than noise does.</summary>
    public static byte[] Mutate(Random random, ReadOnlySpan<byte> good)
    {
        var bytes = new List<byte>(good.ToArray());
        for (var change = random.Next(1, 5); change > 0 && bytes.Count > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, bytes[at]);
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
