using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>A record of DNS: whose it is, its kind, for how many seconds it counts; then what its kind says.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Type">Its kind.</param>
/// <param name="Ttl">Seconds; 0 takes it back.</param>
internal sealed record DnsRecord(DnsName Name, DnsType Type, uint Ttl)
{
    private const int MaxTextBytes = 255;
    private const int MaxTexts = 32;
    private const int ServiceHeadBytes = 6;

    /// <summary>The instance of a pointer, the machine of a service.</summary>
    public DnsName? Target { get; init; }

    /// <summary>The port of a service.</summary>
    public int Port { get; init; }

    /// <summary>The address.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The texts.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Whether others may have one of the same name and kind: a pointer. Others are ours alone, and replace what was kept (RFC 6762, section 10.2).</summary>
    public bool IsShared => Type == DnsType.Pointer;

    /// <summary>Reads what its kind says.</summary>
    /// <param name="message">The whole message: names in it may point elsewhere.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <returns>The record; null: it is damaged, or of a kind that is of no use.</returns>
    public DnsRecord? WithData(ReadOnlySpan<byte> message, int start, int length)
    {
        var data = message.Slice(start, length);
        var offset = start + (Type == DnsType.Service ? ServiceHeadBytes : 0);
        return Type switch
        {
            DnsType.Pointer when DnsName.TryRead(message, ref offset) is { } target && offset == start + length => this with { Target = target },
            DnsType.Service when length > ServiceHeadBytes && DnsName.TryRead(message, ref offset) is { } target && offset == start + length =>
                this with { Target = target, Port = BinaryPrimitives.ReadUInt16BigEndian(data[4..]) },
            DnsType.A when length == 4 => this with { Address = new IPAddress(data) },
            DnsType.Aaaa when length == 16 => this with { Address = new IPAddress(data) },
            DnsType.Text => ReadTexts(data) is { } texts ? this with { Texts = texts } : null,
            _ => null,
        };
    }

    /// <summary>Writes what its kind says.</summary>
    public void WriteData(List<byte> output)
    {
        switch (Type)
        {
            case DnsType.Pointer:
                Target!.Write(output);
                break;
            case DnsType.Service:
                // Priority and weight 0: there is one machine.
                output.AddRange([0, 0, 0, 0, (byte)(Port >> 8), (byte)Port]);
                Target!.Write(output);
                break;
            case DnsType.Text:
                foreach (var text in Texts)
                {
                    var bytes = Encoding.UTF8.GetBytes(text);
                    output.Add((byte)Math.Min(bytes.Length, MaxTextBytes));
                    output.AddRange(bytes.Take(MaxTextBytes));
                }

                break;
            default:
                output.AddRange(Address!.GetAddressBytes());
                break;
        }
    }

    private static List<string>? ReadTexts(ReadOnlySpan<byte> data)
    {
        var texts = new List<string>();
        while (data.Length > 0)
        {
            var length = data[0];
            if (length >= data.Length || texts.Count == MaxTexts)
            {
                return null;
            }

            texts.Add(Encoding.UTF8.GetString(data.Slice(1, length)));
            data = data[(1 + length)..];
        }

        return texts;
    }
}
