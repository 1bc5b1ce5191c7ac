using System.Buffers;
using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Parley.Protocol.Grpc;

/// <summary>Custom metadata of a call: request headers, response headers or trailers. Names repeat freely and keep their order.</summary>
/// <remarks>
/// gRPC over HTTP/2, "Custom-Metadata". Names: lower-case letters, digits, <c>_ - .</c>; those that begin with <c>grpc-</c> belong to the protocol.
/// A name that ends in <c>-bin</c> holds bytes, base64 on the wire (written without padding, read with or without); any other holds printable ASCII.
/// </remarks>
public sealed class GrpcMetadata : IReadOnlyCollection<KeyValuePair<string, string>>
{
    /// <summary>How the names of binary values end.</summary>
    public const string BinarySuffix = "-bin";

    private static readonly SearchValues<char> _nameCharacters = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz_-.");

    private static readonly HashSet<string> _transportNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type", "content-length", "content-encoding", "te", "trailer", "transfer-encoding", "connection", "host", "user-agent",
        "date", "server", "accept", "accept-encoding", "keep-alive", "proxy-connection", "upgrade",
    };

    private readonly List<KeyValuePair<string, string>> _entries = [];

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>Adds a text value.</summary>
    /// <exception cref="ArgumentException">The name or the value breaks the rule, or the name is binary or belongs to the protocol.</exception>
    public GrpcMetadata Add(string name, string value)
    {
        ThrowIfBadName(name);
        if (IsBinary(name))
        {
            throw new ArgumentException("A name that ends in -bin takes bytes.", nameof(name));
        }

        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException("A text value is printable ASCII; use a -bin name for anything else.", nameof(value));
        }

        _entries.Add(new(name, value));
        return this;
    }

    /// <summary>Adds a binary value.</summary>
    /// <exception cref="ArgumentException">The name breaks the rule or does not end in <c>-bin</c>.</exception>
    public GrpcMetadata Add(string name, ReadOnlySpan<byte> value)
    {
        ThrowIfBadName(name);
        if (!IsBinary(name))
        {
            throw new ArgumentException("A name for bytes ends in -bin.", nameof(name));
        }

        _entries.Add(new(name, EncodeBytes(value)));
        return this;
    }

    /// <summary>The last text value of a name, or null; for a <c>-bin</c> name its base64 form.</summary>
    public string? Get(string name)
    {
        for (var index = _entries.Count - 1; index >= 0; index--)
        {
            if (string.Equals(_entries[index].Key, name, StringComparison.OrdinalIgnoreCase))
            {
                return _entries[index].Value;
            }
        }

        return null;
    }

    /// <summary>The last binary value of a <c>-bin</c> name; false when there is none or it is not base64.</summary>
    public bool TryGetBytes(string name, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        return Get(name) is { } text && TryDecodeBytes(text, out value);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The wire form of a binary value: base64 without padding.</summary>
    public static string EncodeBytes(ReadOnlySpan<byte> value) => Convert.ToBase64String(value).TrimEnd('=');

    /// <summary>Reads a binary value, padded or not; of several joined by commas the last one, as for text.</summary>
    public static bool TryDecodeBytes(string text, [NotNullWhen(true)] out byte[]? value)
    {
        value = null;
        var body = text.AsSpan()[(text.LastIndexOf(',') + 1)..].Trim().TrimEnd('=');
        if (body.Length % 4 == 1 || body.ContainsAny(" \t\r\n"))
        {
            return false;
        }

        var octets = new byte[body.Length * 3 / 4];
        var padded = string.Concat(body, "===".AsSpan(0, (4 - (body.Length % 4)) % 4));
        if (!Convert.TryFromBase64String(padded, octets, out var written) || written != octets.Length)
        {
            return false;
        }

        value = octets;
        return true;
    }

    /// <summary>True when a header of that name is custom metadata: not the protocol's own, not HTTP's.</summary>
    public static bool IsCustom(string name) =>
        name.Length > 0 && name[0] != ':' && !name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) && !_transportNames.Contains(name);

    /// <summary>Adds a header that came from the wire, as it stands; ignored unless <see cref="IsCustom"/>.</summary>
    public void AddReceived(string name, string value)
    {
        if (IsCustom(name))
        {
            _entries.Add(new(name.ToLowerInvariant(), value));
        }
    }

    private static bool IsBinary(string name) => name.EndsWith(BinarySuffix, StringComparison.OrdinalIgnoreCase);

    private static void ThrowIfBadName(string name)
    {
        if (!IsCustom(name) || name.AsSpan().ContainsAnyExcept(_nameCharacters))
        {
            throw new ArgumentException("A metadata name is lower-case letters, digits, '_', '-' and '.', and not one of the protocol's own.", nameof(name));
        }
    }
}
