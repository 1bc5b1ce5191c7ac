using Parley.Benchmarks.Measuring;
using Parley.Benchmarks.Scenarios;
using Parley.Crypto;

namespace Parley.Benchmarks.Micro;

/// <summary>What Parley.Crypto adds to an Ed25519 signature.</summary>
internal sealed class Ed25519Scenario : IScenario
{
    private const string Bare = "libcrypto";
    private const int Batch = 100;
    private const int DataBytes = 160;

    /// <inheritdoc/>
    public string Name => "ed25519";

    /// <inheritdoc/>
    public string Reference => Bare;

    /// <inheritdoc/>
    public string Explanation =>
        $"One thread, {DataBytes} bytes. The reference calls EVP_DigestSign and EVP_DigestVerify with one key and one context made beforehand, as `openssl speed` does; "
        + "Parley.Crypto makes a context for each operation, and reads the public key of 32 bytes for each verification.";

    /// <inheritdoc/>
    public Task<IReadOnlyList<Measurement>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var seed = Enumerable.Range(1, 32).Select(number => (byte)number).ToArray();
        var data = Enumerable.Range(0, DataBytes).Select(number => (byte)number).ToArray();
        using var bare = new BareEd25519(seed);
        using var key = Ed25519Key.FromSeed(seed);
        var (publicKey, signature, scratch) = (key.PublicKey.ToArray(), key.Sign(data), new byte[Ed25519.SignatureSize]);
        (string Peer, string What, Action Once)[] cases =
        [
            (Bare, "sign", () => bare.Sign(data, scratch)),
            ("parley", "sign", () => key.Sign(data)),
            (Bare, "verify", () => bare.Verify(data, signature)),
            ("parley", "verify", () => Check(Ed25519.Verify(publicKey, data, signature))),
        ];
        var results = cases.Select(_ => new List<double>()).ToArray();

        // In turns, and the first is thrown away: a noisy moment falls on all of them.
        for (var run = 0; run <= context.Options.Runs; run++)
        {
            for (var i = 0; i < cases.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                results[i].Add(Measure(cases[i].Once, context));
            }
        }

        return Task.FromResult<IReadOnlyList<Measurement>>(
            [.. cases.Select((one, i) => new Measurement(one.What, one.Peer, "1/s", Summary.Of([.. results[i].Skip(1)])))]);
    }

    private static void Check(bool isGood)
    {
        if (!isGood)
        {
            throw new InvalidOperationException("A good signature was refused.");
        }
    }

    private static double Measure(Action once, BenchContext context)
    {
        var (clock, length) = (context.TimeProvider, context.Options.RunLength / 4);
        var begun = clock.GetTimestamp();
        long done = 0;
        while (clock.GetElapsedTime(begun) < length)
        {
            for (var i = 0; i < Batch; i++)
            {
                once();
            }

            done += Batch;
        }

        return done / clock.GetElapsedTime(begun).TotalSeconds;
    }
}
