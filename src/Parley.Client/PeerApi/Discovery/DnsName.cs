using System.Buffers.Binary;
using System.Text;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>A name of DNS: its labels, the top one last. Equal in any case of ASCII letters.</summary>
/// <param name="labels">At most <see cref="MaxLabels"/>, each of 1 to 63 bytes in UTF-8; a label may contain dots.</param>
internal sealed class DnsName(params IReadOnlyList<string> labels) : IEquatable<DnsName>
{
    /// <summary>Most labels that a name can have within 255 bytes.</summary>
    public const int MaxLabels = 127;

    private const int MaxLabelBytes = 63;
    private const int MaxNameBytes = 255;

    // The two top bits of a length: the rest of the name stands at an offset (RFC 1035, section 4.1.4).
    private const byte PointerMark = 0xC0;

    /// <summary>Its labels.</summary>
    public IReadOnlyList<string> Labels => labels;

    /// <summary>The name with one more label in front.</summary>
    public DnsName Under(string label) => new([label, .. labels]);

    /// <summary>Reads one; pointers lead backward only, so that no message makes a circle.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="offset">Where it begins; afterwards, what follows it.</param>
    /// <returns>The name; null: it is none.</returns>
    public static DnsName? TryRead(ReadOnlySpan<byte> message, ref int offset)
    {
        var labels = new List<string>();
        var (position, bytes, lowest) = (offset, 0, offset);
        var end = -1;
        while (position < message.Length)
        {
            var length = message[position];
            if (length == 0)
            {
                offset = end < 0 ? position + 1 : end;
                return new DnsName(labels);
            }

            if ((length & PointerMark) == PointerMark)
            {
                if (position + 2 > message.Length)
                {
                    return null;
                }

                var target = BinaryPrimitives.ReadUInt16BigEndian(message[position..]) & 0x3FFF;
                end = end < 0 ? position + 2 : end;
                if (target >= lowest)
                {
                    return null;
                }

                (position, lowest) = (target, target);
                continue;
            }

            bytes += length + 1;
            if (length > MaxLabelBytes || bytes >= MaxNameBytes || position + 1 + length > message.Length)
            {
                return null;
            }

            labels.Add(Encoding.UTF8.GetString(message.Slice(position + 1, length)));
            position += 1 + length;
        }

        return null;
    }

    /// <summary>Writes it, without pointers.</summary>
    public void Write(List<byte> output)
    {
        foreach (var label in labels)
        {
            var bytes = Encoding.UTF8.GetBytes(label);
            output.Add((byte)Math.Min(bytes.Length, MaxLabelBytes));
            output.AddRange(bytes.Take(MaxLabelBytes));
        }

        output.Add(0);
    }

    /// <inheritdoc/>
    public bool Equals(DnsName? other) => other is not null && labels.SequenceEqual(other.Labels, StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DnsName);

    /// <inheritdoc/>
    public override int GetHashCode() => labels.Aggregate(0, static (hash, label) => HashCode.Combine(hash, StringComparer.OrdinalIgnoreCase.GetHashCode(label)));

    /// <inheritdoc/>
    public override string ToString() => string.Join('.', labels);
}
