using System.Text;

namespace Parley.Protocol.Grpc;

/// <summary>Percent-encoding of the <c>grpc-message</c> trailer: UTF-8, where printable ASCII except <c>%</c> stands for itself.</summary>
/// <remarks>gRPC over HTTP/2, "Status-Message". Reading never fails: what is not a valid escape is kept as it stands.</remarks>
public static class GrpcMessageText
{
    /// <summary>The header form of a text.</summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%'))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (octet is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append('%').Append(octet.ToString("X2"));
            }
        }

        return encoded.ToString();
    }

    /// <summary>The text of a header form; broken escapes stay, bytes that are not UTF-8 become U+FFFD.</summary>
    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%'))
        {
            return encoded;
        }

        var octets = new List<byte>(encoded.Length);
        for (var index = 0; index < encoded.Length; index++)
        {
            if (encoded[index] == '%' && index + 2 < encoded.Length &&
                char.IsAsciiHexDigit(encoded[index + 1]) && char.IsAsciiHexDigit(encoded[index + 2]))
            {
                octets.Add(Convert.ToByte(encoded.Substring(index + 1, 2), 16));
                index += 2;
            }
            else
            {
                octets.AddRange(Encoding.UTF8.GetBytes(encoded, index, 1));
            }
        }

        return Encoding.UTF8.GetString(octets.ToArray());
    }
}
