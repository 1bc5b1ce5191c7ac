using Google.Protobuf;
using Parley.Gateway.Wire.V1;
using Parley.Protocol.Wire;

namespace Parley.Client.Messaging;

/// <summary>The line of progress in a part of an answer, for whoever shows it to a person.</summary>
public static class ProgressText
{
    /// <summary>The text; null for a part that says something else.</summary>
    public static string? Of(Protocol.Wire.Part part) => part.Stream switch
    {
        PartStream.Status => part.Data.ToStringUtf8(),
        PartStream.Event => OfEvent(part.Data),
        _ => null,
    };

    private static string? OfEvent(ByteString data)
    {
        try
        {
            var said = StreamResponse.Parser.ParseFrom(data).StatusUpdate?.Status?.Message?.Parts.Select(part => part.Text).Where(text => text.Length > 0);
            return said?.Any() == true ? string.Join('\n', said) : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
