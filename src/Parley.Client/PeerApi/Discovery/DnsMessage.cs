using System.Buffers.Binary;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>A message of multicast DNS (RFC 6762, section 18; RFC 1035, section 4): a head of 12 bytes, questions, records.</summary>
/// <remarks>Records of kinds that discovery does not use are left out when one is read.</remarks>
internal sealed record DnsMessage
{
    /// <summary>Largest message that is read (RFC 6762, section 17).</summary>
    public const int MaxBytes = 9000;

    private const int HeadBytes = 12;
    private const int MaxEntries = 128;
    private const int RecordHeadBytes = 10;
    private const ushort ResponseFlags = 0x8400;
    private const ushort ClassInternet = 1;

    // In a question: may be answered to the asker alone; in a record: replaces what was kept.
    private const ushort TopBit = 0x8000;

    /// <summary>Its number; 0 unless the asker is no multicast DNS of its own.</summary>
    public ushort Id { get; init; }

    /// <summary>Whether it answers.</summary>
    public bool IsResponse { get; init; }

    /// <summary>What is asked.</summary>
    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    /// <summary>In a response what was asked for; in a query what the asker knows already.</summary>
    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    /// <summary>What the asker would ask next.</summary>
    public IReadOnlyList<DnsRecord> Additional { get; init; } = [];

    /// <summary>Whether records may say that they replace what was kept; an asker that is no multicast DNS would not know it.</summary>
    public bool HasFlush { get; init; } = true;

    /// <summary>Reads one; a stranger wrote it.</summary>
    /// <returns>The message; null: it is none.</returns>
    public static DnsMessage? TryRead(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is < HeadBytes or > MaxBytes)
        {
            return null;
        }

        var flags = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        var counts = new int[4];
        for (var section = 0; section < counts.Length; section++)
        {
            counts[section] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(4 + (2 * section))..]);
        }

        // Neither another kind of request, nor a failure, is of use (RFC 6762, sections 18.3 and 18.11).
        if (counts.Sum() > MaxEntries || (flags & 0x780F) != 0)
        {
            return null;
        }

        var offset = HeadBytes;
        var questions = ReadQuestions(bytes, counts[0], ref offset);
        var answers = ReadRecords(bytes, counts[1], ref offset);
        var authority = ReadRecords(bytes, counts[2], ref offset);
        var additional = ReadRecords(bytes, counts[3], ref offset);
        return questions is null || answers is null || authority is null || additional is null ? null : new DnsMessage
        {
            Id = BinaryPrimitives.ReadUInt16BigEndian(bytes),
            IsResponse = (flags & 0x8000) != 0,
            Questions = questions,
            Answers = answers,
            Additional = additional,
        };
    }

    /// <summary>Its bytes.</summary>
    public byte[] Write()
    {
        var output = new List<byte>();
        Add(output, Id);
        Add(output, IsResponse ? ResponseFlags : (ushort)0);
        foreach (var count in new[] { Questions.Count, Answers.Count, 0, Additional.Count })
        {
            Add(output, (ushort)count);
        }

        foreach (var question in Questions)
        {
            question.Name.Write(output);
            Add(output, (ushort)question.Type);
            Add(output, ClassInternet);
        }

        foreach (var record in Answers.Concat(Additional))
        {
            Write(output, record);
        }

        return [.. output];
    }

    private void Write(List<byte> output, DnsRecord record)
    {
        record.Name.Write(output);
        Add(output, (ushort)record.Type);
        Add(output, (ushort)(HasFlush && IsResponse && !record.IsShared ? ClassInternet | TopBit : ClassInternet));
        Add(output, (ushort)(record.Ttl >> 16));
        Add(output, (ushort)record.Ttl);
        var data = new List<byte>();
        record.WriteData(data);
        Add(output, (ushort)data.Count);
        output.AddRange(data);
    }

    private static void Add(List<byte> output, ushort value) => output.AddRange([(byte)(value >> 8), (byte)value]);

    private static List<DnsQuestion>? ReadQuestions(ReadOnlySpan<byte> bytes, int count, ref int offset)
    {
        var questions = new List<DnsQuestion>();
        for (var index = 0; index < count; index++)
        {
            if (DnsName.TryRead(bytes, ref offset) is not { } name || offset + 4 > bytes.Length)
            {
                return null;
            }

            questions.Add(new DnsQuestion(name, (DnsType)BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..])));
            offset += 4;
        }

        return questions;
    }

    private static List<DnsRecord>? ReadRecords(ReadOnlySpan<byte> bytes, int count, ref int offset)
    {
        var records = new List<DnsRecord>();
        for (var index = 0; index < count; index++)
        {
            if (DnsName.TryRead(bytes, ref offset) is not { } name || offset + RecordHeadBytes > bytes.Length)
            {
                return null;
            }

            var head = bytes.Slice(offset, RecordHeadBytes);
            var length = BinaryPrimitives.ReadUInt16BigEndian(head[8..]);
            offset += RecordHeadBytes;
            if (offset + length > bytes.Length)
            {
                return null;
            }

            var record = new DnsRecord(name, (DnsType)BinaryPrimitives.ReadUInt16BigEndian(head), BinaryPrimitives.ReadUInt32BigEndian(head[4..]));
            if (record.WithData(bytes, offset, length) is { } known)
            {
                records.Add(known);
            }

            offset += length;
        }

        return records;
    }
}
