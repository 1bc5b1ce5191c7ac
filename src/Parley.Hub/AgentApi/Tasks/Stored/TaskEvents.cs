using Google.Protobuf;
using Parley.Gateway.Wire.V1;

namespace Parley.Hub.AgentApi.Tasks.Stored;

/// <summary>Events of a log as bytes: each StreamResponse with its length before it.</summary>
internal static class TaskEvents
{
    /// <summary>Writes events.</summary>
    public static byte[] ToBytes(IReadOnlyList<StreamResponse> events)
    {
        var size = events.Sum(one => one.CalculateSize() is var length ? length + CodedOutputStream.ComputeLengthSize(length) : 0);
        var bytes = new byte[size];
        var output = new CodedOutputStream(bytes);
        foreach (var one in events)
        {
            output.WriteMessage(one);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static IReadOnlyList<StreamResponse> Read(ReadOnlySpan<byte> bytes)
    {
        var events = new List<StreamResponse>();
        using var input = new CodedInputStream(bytes.ToArray());
        while (!input.IsAtEnd)
        {
            var one = new StreamResponse();
            input.ReadMessage(one);
            events.Add(one);
        }

        return events;
    }
}
