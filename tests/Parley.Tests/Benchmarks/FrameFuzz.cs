using System.Text;

namespace Parley.Tests.Benchmarks;

/// <summary>10,000 inputs for a text parser: random strings of its alphabet, and a good message with some bytes changed.</summary>
internal static class FrameFuzz
{
    private const int Inputs = 10_000;

    /// <summary>The parser may refuse with <see cref="InvalidDataException"/> and must take no more than it was given.</summary>
    public static void Run(int seed, string good, string alphabet, Func<byte[], int> parse)
    {
        var random = new Random(seed);
        for (var i = 0; i < Inputs; i++)
        {
            var input = i % 2 == 0 ? Changed(good, random) : RandomText(alphabet, random);
            try
            {
                Assert.InRange(parse(input), 0, input.Length);
            }
            catch (Exception exception) when (exception is not InvalidDataException)
            {
                Assert.Fail($"seed {seed}, input {i} ({Convert.ToHexString(input)}): {exception}");
            }
            catch (InvalidDataException)
            {
                // A refusal is the right answer to garbage.
            }
        }
    }

    private static byte[] Changed(string good, Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(good);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private static byte[] RandomText(string alphabet, Random random) =>
        [.. Enumerable.Range(0, random.Next(40)).Select(_ => (byte)alphabet[random.Next(alphabet.Length)])];
}
