using Parley.Crypto.Tls;

namespace Parley.Testing.Tls;

/// <summary>A client whose records pass through the test's hands, to be cut, changed or kept back on their way.</summary>
internal sealed class RawTlsClient(Stream wire, TlsContext context) : IDisposable
{
    private readonly TlsEngine _engine = new(context, null);

    /// <summary>Makes the handshake.</summary>
    public async Task ConnectAsync()
    {
        var buffer = new byte[16 * 1024];
        while (!_engine.Handshake())
        {
            await wire.WriteAsync(TakeAll());
            _engine.Feed(buffer.AsSpan(0, await wire.ReadAsync(buffer)));
        }

        await wire.WriteAsync(TakeAll());
    }

    /// <summary>Encrypts, and hands over the records instead of sending them.</summary>
    public byte[] Encrypt(ReadOnlySpan<byte> plaintext)
    {
        _engine.Write(plaintext);
        return TakeAll();
    }

    /// <inheritdoc/>
    public void Dispose() => _engine.Dispose();

    private byte[] TakeAll()
    {
        var bytes = new byte[_engine.OutputLength];
        _engine.Take(bytes);
        return bytes;
    }
}
