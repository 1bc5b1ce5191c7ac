using System.Text;
using QRCoder;

namespace Parley.Cli.Peers;

/// <summary>A text as a QR code of characters, two modules in one, dark on light as cameras expect it on a dark terminal.</summary>
internal static class QrText
{
    /// <summary>Draws it.</summary>
    public static string Of(string text)
    {
        // The lowest correction: a screen does not get dirty, and a smaller code is read from further away.
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.L);
        var rows = code.ModuleMatrix;
        var drawn = new StringBuilder();
        for (var row = 0; row < rows.Count; row += 2)
        {
            for (var column = 0; column < rows[row].Count; column++)
            {
                var (upper, lower) = (rows[row][column], row + 1 < rows.Count && rows[row + 1][column]);
                drawn.Append((upper, lower) switch { (false, false) => '\u2588', (false, true) => '\u2580', (true, false) => '\u2584', _ => ' ' });
            }

            drawn.Append('\n');
        }

        return drawn.ToString();
    }
}
